import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VALIDATORS } from '../../../src/engine/detect/validators/index.js';

/** Numbers that hold and that do not; most of the first are the specimens of the issuing bodies. */
const TABLE: Readonly<Record<string, { yes: readonly string[]; no: readonly string[] }>> = {
  'at-svnr': { yes: ['1237 010180', '1237010180'], no: ['1238010180', '1237013280', '0237010180'] },
  'au-abn': { yes: ['51 824 753 556', '53 004 085 616'], no: ['51 824 753 557', '99999999999'] },
  'au-acn': { yes: ['004 085 616', '004085616'], no: ['004 085 617', '000 000 000'] },
  'au-medicare': { yes: ['2123 45670 1', '2123 45670 1 1'], no: ['2123 45671 1', '7123 45670 1', '2123 45670 0'] },
  'au-tfn': { yes: ['123 456 782', '37118660'], no: ['123 456 783', '37118661', '000000000'] },
  'ar-cuit': { yes: ['20-05536168-2', '33693450239'], no: ['20-05536168-3', '40-05536168-2'] },
  'be-national-number': {
    yes: ['85.07.30-033.28', '17 07 30 033 84', '00000100364'],
    no: ['85.07.30-033.29', '85.63.30-033.28', '85.07.32-033.28'],
  },
  'bg-egn': { yes: ['7523169263', '8032056031'], no: ['7523169264', '7513169263'] },
  'bg-pnf': { yes: ['7111042925'], no: ['7111042922'] },
  'br-cnpj': {
    yes: ['11.222.333/0001-81', '12.ABC.345/01DE-35', '11222333000181'],
    no: ['11.222.333/0001-82', '12.ABD.345/01DE-35', '00.000.000/0000-00'],
  },
  'br-cns': { yes: ['898001160660761'], no: ['898001160660762', '398001160660761'] },
  'br-cpf': { yes: ['111.444.777-35', '12345678909'], no: ['111.444.777-36', '111.111.111-11', '000.000.000-00'] },
  'br-pis': { yes: ['120.5641.388-6'], no: ['120.5641.388-8'] },
  'br-voter': { yes: ['1023 8501 0671'], no: ['1023 8501 0672', '1023 8501 2971'] },
  'ca-sin': { yes: ['130 692 544', '130-692-544'], no: ['130 692 545', '046 454 286', '800 000 002'] },
  'ch-ahv': { yes: ['756.9217.0769.85', '7569217076985'], no: ['756.9217.0769.86', '755.9217.0769.88'] },
  'ch-uid': { yes: ['CHE-109.322.551', 'CHE-100.155.212'], no: ['CHE-109.322.552'] },
  'cl-rut': { yes: ['12.345.678-5', '76086428-5', '1000005-K'], no: ['12.345.678-6', '12.345.678-K'] },
  'cn-resident-id': {
    yes: ['11010519491231002X', '440524198001010013'],
    no: ['110105194912310021', '99010519491231002X', '11010519491331002X'],
  },
  'cn-uscc': { yes: ['91350100M000100Y43'], no: ['91350100M000100Y44', '91350100I000100Y43'] },
  'co-nit': { yes: ['213.123.432-1', '900.373.913-4'], no: ['213.123.432-2'] },
  'cy-tic': { yes: ['10259033P'], no: ['10259033Z', '12345678F'] },
  'cz-birth-number': { yes: ['710319/2745', '531231/123'], no: ['710319/2746', '711319/2745', '991231/123'] },
  'cz-ico': { yes: ['25123891'], no: ['25123892'] },
  'de-health-insurance-number': { yes: ['A123456780'], no: ['A123456781', 'B123456780'] },
  'de-id-card': { yes: ['T220001293', 'L01X00T471'], no: ['T220001294', 'CFGHJKLMN0'] },
  'de-pension-number': { yes: ['15 070649 C 103', '65170839J003'], no: ['15 070649 C 104', '15 321349 C 103'] },
  'de-tax-id': { yes: ['86 095 742 719', '47036892816'], no: ['86095742718', '06095742719', '12345678903'] },
  'dk-cpr': { yes: ['070761-4285', '6707614285'], no: ['071361-4285', '320761-4285', '0707614285000'] },
  'dk-cpr-check': { yes: ['070761-4285'], no: ['070761-4286'] },
  'dk-cvr': { yes: ['13585628'], no: ['13585629', '00000000'] },
  'ec-cedula': { yes: ['171430710-3'], no: ['171430710-4', '2514307103', '1774307103'] },
  'ee-lt-personal-code': { yes: ['37605030299', '33309240064'], no: ['37605030298', '37613030299', '97605030299'] },
  'eg-national-id': { yes: ['29001011234567'], no: ['19001011234567', '29013011234567', '29001010534567'] },
  'es-cif': { yes: ['A58818501', 'Q2818002D'], no: ['A58818502', 'Q2818002E'] },
  'es-dni': { yes: ['12345678Z', '54362315-K'], no: ['12345678A', '1234567L'] },
  'es-nie': { yes: ['X1234567L', 'x-2482300w', 'Z8078221M'], no: ['X1234567M', 'W1234567L'] },
  'es-nuss': { yes: ['28 12345678 40', '281234567840'], no: ['28 12345678 41'] },
  'fi-business-id': { yes: ['2077474-0', '0112038-9'], no: ['2077474-1'] },
  'fi-hetu': {
    yes: ['131052-308T', '131052Y308T', '131052A308T', '010594Y9021'],
    no: ['131052-308U', '321052-308T', '131352-308T'],
  },
  'fr-nir': {
    yes: ['2 69 05 49 588 157 80', '255081416802538', '2 55 08 2A 168 025 97', '255082B16802527'],
    no: ['2 69 05 49 588 157 81'],
  },
  'fr-spi': { yes: ['0701987765493', '07 01 987 765 493'], no: ['0701987765494', '4701987765493'] },
  'gb-nhs-number': { yes: ['943 476 5919', '4010232137'], no: ['943 476 5918'] },
  'gb-nino': { yes: ['JG 10 37 59 A', 'AB123456C'], no: ['BG103759A', 'QQ123456C', 'JO103759A', 'JG103759E'] },
  'gb-utr': { yes: ['1955839661'], no: ['3955839661'] },
  'gr-afm': { yes: ['094259216', '123456783'], no: ['094259217'] },
  'gr-amka': { yes: ['01013099997'], no: ['01013099998', '01133099997'] },
  'hk-id': { yes: ['A123456(3)', 'G123456(A)', 'AB987654(3)'], no: ['A123456(4)', 'A1234567'] },
  'hr-oib': { yes: ['69435151530', '33392005961'], no: ['69435151531', '11111111111'] },
  'hu-personal-id': {
    yes: ['1-880101-2344', '2-970611-1346'],
    no: ['1-880101-2343', '1-881301-2344', '0-880101-2344'],
  },
  'hu-taj': { yes: ['111 111 110', '037 687 210'], no: ['111 111 111'] },
  'hu-tax-id': { yes: ['8071592153', '8335800146'], no: ['8071592154', '7071592153'] },
  'id-nik': { yes: ['3171231507890123', '3273015708900001'], no: ['0073015708900001', '3273013213900001'] },
  'id-npwp': { yes: ['01.312.166.0-091.000'], no: ['01.312.166.1-091.000'] },
  'ie-ppsn': { yes: ['6433435F', '6433435OA', '1234567FA', '1234567T'], no: ['6433435E', '6433435OB'] },
  'in-aadhaar': { yes: ['2341 2341 2346'], no: ['2341 2341 2347', '1341 2341 2346', '222222222222'] },
  'in-gstin': { yes: ['27AAPFU0939F1ZV', '29AAGCB7383J1Z4'], no: ['27AAPFU0939F1ZW', '39AAPFU0939F1ZV'] },
  'ir-national-id': { yes: ['0084575948'], no: ['0084575949', '1111111111'] },
  'is-kennitala': { yes: ['120174-3399', '450401-3150'], no: ['120174-3389', '120174-3499', '321374-3399'] },
  'it-codice-fiscale': {
    yes: ['RSSMRA85T10A562S', 'MRTMTT91D08F205J', 'RCCMNL83S18D969H'],
    no: ['RSSMRA85T10A562T', 'RSSMRA85T32A562S', 'RSSMRA85T10A562'],
  },
  'it-partita-iva': { yes: ['00743110157'], no: ['00743110158', '00743111507'] },
  jmbg: { yes: ['0101006500006', '0710003730015'], no: ['0101006500007', '3201006500006'] },
  'jp-corporate-number': { yes: ['7000012050002', '5835678256246'], no: ['7000012050003'] },
  'jp-my-number': { yes: ['1234 5678 9018'], no: ['1234 5678 9019'] },
  'kr-business-number': { yes: ['116-82-00276', '220-81-62517'], no: ['116-82-00277'] },
  'kr-rrn': { yes: ['971013-9019902', '900101-1234567'], no: ['901301-1234567', '900132-1234567'] },
  'kr-rrn-check': { yes: ['971013-9019902'], no: ['971013-9019903'] },
  'kw-civil-id': { yes: ['284090810011'], no: ['284090810012', '484090810011', '281390810011'] },
  'kz-iin': { yes: ['980111300175'], no: ['980111300174', '981311300175'] },
  'lk-nic': { yes: ['911042754V', '199110402754', '786002345V'], no: ['914002754V', '189110402754'] },
  'lu-matricule': { yes: ['1893120105732'], no: ['1893120105733', '1893120105742'] },
  'lv-personal-code': { yes: ['161175-19997', '326736-79880'], no: ['161175-19998', '161375-19997'] },
  'md-idnp': { yes: ['2004042012348'], no: ['2004042012346'] },
  'mx-curp': { yes: ['HEGG560427MVZRRL04', 'BOXW310820HNERXN09'], no: ['HEGG560427MVZRRL05', 'HEGG561327MVZRRL04'] },
  'mx-rfc': { yes: ['GODE561231GR8', 'SAT970701NN3'], no: ['GODE561331GR8', 'GODE561231GRB'] },
  'mx-rfc-check': { yes: ['GODE561231GR8', 'SAT970701NN3'], no: ['GODE561231GR9'] },
  'my-nric': { yes: ['770305-02-1234'], no: ['771305-02-1234', '770305-17-1234'] },
  'nl-bsn': { yes: ['111222333', '941331490'], no: ['111222334', '000000000'] },
  'no-birth-number': { yes: ['15108695088'], no: ['15108695089', '15138695088'] },
  'no-organisation-number': { yes: ['974 760 673', '988077917'], no: ['974 760 674', '174760673'] },
  'nz-ird': { yes: ['49-091-850', '35901981', '136410132'], no: ['49-091-851', '9125568'] },
  'nz-nhi': { yes: ['ZZZ0016', 'ABC1235'], no: ['ZZZ0017', 'DAB8233'] },
  'pe-dni': { yes: ['10117410-2', '10117410G'], no: ['10117410-3'] },
  'pe-ruc': { yes: ['20512333797', '20100070970'], no: ['20512333798', '30512333797'] },
  'pl-id-card': { yes: ['ABA300000'], no: ['ABA300001'] },
  'pl-nip': { yes: ['856-734-62-15', '1060000062'], no: ['856-734-62-16'] },
  'pl-pesel': { yes: ['44051401359', '02070803628', '02270803624'], no: ['44051401358', '44131401359'] },
  'pl-regon': { yes: ['123456785', '12345678512347'], no: ['123456786', '12345678512348'] },
  'pt-citizen-card': { yes: ['00000000 0 ZZ4'], no: ['00000000 0 ZZ5'] },
  'pt-nif': { yes: ['123456789', '501964843'], no: ['123456788', '012345678'] },
  'pt-niss': { yes: ['12345678902'], no: ['32345678902'] },
  'ro-cnp': { yes: ['1800101221144', '6200101410014'], no: ['1800101221145', '1801301221144', '1800101661144'] },
  'ro-cui': { yes: ['18547290', 'RO 18547290'], no: ['18547291'] },
  'rs-pib': { yes: ['101134702'], no: ['101134703'] },
  'ru-inn': { yes: ['500100732259', '7830002293'], no: ['500100732258', '7830002292'] },
  'ru-snils': { yes: ['112-233-445 95', '08765430300'], no: ['112-233-445 96', '000-000-001 00'] },
  'se-coordination-number': { yes: ['701063-2391'], no: ['701003-2391', '701063-2392'] },
  'se-organisation-number': { yes: ['202100-5448', '556036-0793'], no: ['202100-5449', '551036-0798'] },
  'se-personal-number': { yes: ['811218-9876', '19811218-9876', '811218+9876'], no: ['811218-9875', '811318-9876'] },
  'sg-nric': { yes: ['S1234567D', 'T1234567J', 'F1234567N', 'G1234567X', 'M1234567K'], no: ['S1234567A', 'A1234567D'] },
  'si-tax-number': { yes: ['15012557'], no: ['15012558'] },
  'sv-dui': { yes: ['00016297-5'], no: ['00016297-6'] },
  'th-id': { yes: ['1-2345-67890-12-1', '1-1017-00230-70-8'], no: ['1-2345-45678-78-8'] },
  'tr-tckn': { yes: ['10000000146'], no: ['10000000147', '00000000146'] },
  'tr-vkn': { yes: ['4540536920'], no: ['4540536921'] },
  'tw-business-number': { yes: ['04595257', '00501503', '10458570'], no: ['04595253'] },
  'tw-national-id': { yes: ['A123456789', 'A800000014'], no: ['A123456788', 'A323456789'] },
  'ua-edrpou': { yes: ['32855961'], no: ['32855968'] },
  'ua-rnokpp': { yes: ['1759013776'], no: ['1759013777', '0000013776'] },
  'us-ein': { yes: ['91-1144442', '04-2103594'], no: ['07-1144442', '89-1144442'] },
  'us-itin': { yes: ['912-90-3456', '900-70-0000', '999-65-4321'], no: ['912-93-3456', '812-90-3456', '912-66-3456'] },
  'uy-ci': { yes: ['1.234.567-2', '8765432-7'], no: ['1.234.567-3'] },
  've-rif': { yes: ['V-11470283-4'], no: ['V-11470283-3', 'X-11470283-4'] },
  'vn-tax-code': { yes: ['0100233488', '0314409058-002'], no: ['0100233487'] },
  'za-id': { yes: ['8001015009087', '800101 5009 087'], no: ['8001015009088', '8013015009087', '8001015009487'] },
};

test.each(Object.entries(TABLE))('%s', (name, { yes, no }) => {
  const holds = VALIDATORS[name]!;
  expect(yes.filter((value) => !holds(value))).toEqual([]);
  expect(no.filter(holds)).toEqual([]);
});

/**
 * Validators whose arithmetic tells every single wrong digit: weights prime to the modulus and each remainder with a check
 * digit of its own, or Luhn, Verhoeff or ISO 7064. The others let a few through, by design of those who give the numbers.
 */
const TELLS_ONE_DIGIT = [
  'at-svnr',
  'au-abn',
  'au-tfn',
  'ar-cuit',
  'bg-pnf',
  'ca-sin',
  'ch-ahv',
  'ch-uid',
  'cl-rut',
  'cn-resident-id',
  'cn-uscc',
  'cy-tic',
  'de-health-insurance-number',
  'de-id-card',
  'de-tax-id',
  'dk-cpr-check',
  'dk-cvr',
  'ec-cedula',
  'es-cif',
  'es-dni',
  'es-nie',
  'fi-business-id',
  'fi-hetu',
  'fr-nir',
  'fr-spi',
  'gb-nhs-number',
  'gr-amka',
  'hk-id',
  'hr-oib',
  'hu-taj',
  'hu-tax-id',
  'ie-ppsn',
  'in-aadhaar',
  'in-gstin',
  'it-codice-fiscale',
  'it-partita-iva',
  'jmbg',
  'kr-business-number',
  'kw-civil-id',
  'lu-matricule',
  'md-idnp',
  'mx-rfc-check',
  'nl-bsn',
  'no-birth-number',
  'no-organisation-number',
  'nz-nhi',
  'pl-id-card',
  'pl-nip',
  'pl-pesel',
  'pt-citizen-card',
  'rs-pib',
  'se-organisation-number',
  'sg-nric',
  'si-tax-number',
  'tr-tckn',
  'tr-vkn',
  'za-id',
];

const isDigit = (c: string): boolean => c >= '0' && c <= '9';

/** The text with the digit in one of its places, counted among its digits, moved on by some steps. */
function withDigit(text: string, place: number, steps: number): string {
  const places = [...text].flatMap((c, i) => (isDigit(c) ? [i] : []));
  const at = places[place % places.length]!;
  return text.slice(0, at) + ((Number(text[at]) + steps) % 10) + text.slice(at + 1);
}

/** Numbers like a given one that hold as well: with some digits moved on, and the last two as they then have to be. */
function numbersLike(specimen: string, holds: (text: string) => boolean): fc.Arbitrary<string> {
  const move = fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 9 }));
  return fc.array(move, { maxLength: 4 }).map((moves) => {
    const body = moves.reduce((text, [place, steps]) => withDigit(text, place, steps), specimen);
    const count = [...body].filter(isDigit).length;
    for (let n = 0; n < 100; n++) {
      const made = withDigit(withDigit(body, count - 1, n % 10), count - 2, Math.floor(n / 10));
      if (holds(made)) return made;
    }
    return specimen;
  });
}

test.each(TELLS_ONE_DIGIT)('%s holds for no number with one wrong digit', (name) => {
  const holds = VALIDATORS[name]!;
  const number = fc.constantFrom(...TABLE[name]!.yes).chain((specimen) => numbersLike(specimen, holds));
  fc.assert(
    fc.property(number, fc.nat(20), fc.integer({ min: 1, max: 9 }), (given, place, steps) => {
      expect(holds(withDigit(given, place, steps))).toBe(false);
    }),
  );
});
