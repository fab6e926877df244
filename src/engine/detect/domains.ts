/** Country codes that IANA delegates as top-level domains (iana.org, "Root Zone Database"). */
const COUNTRY =
  'ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd ' +
  'cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge ' +
  'gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ' +
  'ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw ' +
  'mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb ' +
  'sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk ' +
  'us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw';

/**
 * Generic ones in which people have mailboxes. Those that are words of programs (`name`, `run`, `zip`, `mov`, `map`) are
 * left out: what looks like an address there is mostly none. Of the reserved ones of RFC 2606, `test` and `example` are
 * in, because where they stand in a test environment, a real address stands in production; `invalid` and `localhost`
 * are not.
 */
const GENERIC =
  'com net org edu gov mil int info biz pro aero coop museum jobs mobi travel tel cat asia post xxx arpa test example ' +
  'academy accountants actor adult africa agency ai apartments app archi army art associates attorney auction audio ' +
  'auto autos baby band bank bar bargains bayern beauty beer berlin best bet bible bike bingo bio black blog blue ' +
  'boats boston boutique broker brussels build builders business buzz bzh cab cafe cam camera camp capetown capital ' +
  'car cards care career careers cars casa cash casino catering center ceo charity chat cheap christmas church city ' +
  'claims cleaning clinic clothing cloud club coach codes coffee college cologne community company computer condos ' +
  'construction consulting contact contractors cooking cool corsica country coupons courses credit creditcard cricket ' +
  'cruises cymru dance dating day deals degree delivery democrat dental dentist design dev diamonds diet digital ' +
  'direct directory discount doctor dog domains durban earth eco education email energy engineer engineering ' +
  'enterprises equipment estate eus events exchange expert exposed express family fan fans farm fashion film finance ' +
  'financial fish fishing fit fitness flights florist flowers football foundation fun fund furniture futbol fyi ' +
  'gallery game games garden gay gent gift gifts gives glass global gmbh gold golf graphics gratis green group guide ' +
  'guitars guru hair hamburg haus health healthcare help hiphop hiv hockey holdings holiday homes horse hospital host ' +
  'hosting house how icu immo immobilien industries ink institute insurance insure international investments irish ' +
  'ist istanbul jetzt jewelry joburg kaufen kids kim kitchen kiwi koeln krd land lat law lawyer lease legal lgbt life ' +
  'lighting limited limo link live llc loan loans lol london lotto love ltd luxe luxury madrid maison management ' +
  'market marketing mba media melbourne memorial men menu miami mobile moda moe mom money monster mortgage moscow ' +
  'moto nagoya navy network news ngo ninja nrw nyc okinawa one ong onl online ooo organic osaka page paris partners ' +
  'parts party pay pet pharmacy phd photo photography photos physio pics pictures pink pizza place plumbing plus ' +
  'poker porn press productions promo properties property pub quebec quest racing radio realestate realty recipes ' +
  'red rehab reise reisen rent rentals repair report republican rest restaurant review reviews rich rip rocks rodeo ' +
  'rugby ruhr saarland sale salon sarl school schule science scot security services sex shiksha shoes shop shopping ' +
  'show singles site ski soccer social software solar solutions soy space sport sports store stream studio study ' +
  'style supplies supply support surf surgery swiss sydney systems tax taxi team tech technology tennis theater ' +
  'theatre tickets tienda tips tires tirol today tokyo tools top tours town toys trade trading training tube ' +
  'university vacations vegas ventures versicherung vet viajes video villas vin vip vision vlaanderen vodka vote ' +
  'voyage wales watch webcam website wedding wien wiki win wine work works world wtf xyz yachts yoga yokohama zone ' +
  // Companies that give mailboxes to everybody or to very many.
  'apple amazon google microsoft bmw bosch audi sap siemens ibm sony yandex ericsson fujitsu hitachi toyota barclays';

export const TOP_LEVEL_DOMAINS: ReadonlySet<string> = new Set(`${COUNTRY} ${GENERIC}`.split(' '));
