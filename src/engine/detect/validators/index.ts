import { abaRouting } from './aba-routing.js';
import { arCuit } from './ar-cuit.js';
import { atSvnr } from './at-svnr.js';
import { atlassianChecksum } from './atlassian-checksum.js';
import { auAbn } from './au-abn.js';
import { auAcn } from './au-acn.js';
import { auMedicare } from './au-medicare.js';
import { auTfn } from './au-tfn.js';
import { base58check } from './base58check.js';
import { base64Jwt } from './base64-jwt.js';
import { basicCredentials } from './basic-credentials.js';
import { beNationalNumber } from './be-national-number.js';
import { bech32 } from './bech32.js';
import { bgEgn } from './bg-egn.js';
import { bgPnf } from './bg-pnf.js';
import { bic } from './bic.js';
import { birthDate } from './birth-date.js';
import { brCnpj } from './br-cnpj.js';
import { brCns } from './br-cns.js';
import { brCpf } from './br-cpf.js';
import { brPis } from './br-pis.js';
import { brVoter } from './br-voter.js';
import { caSin } from './ca-sin.js';
import { cardGroups } from './card-groups.js';
import { cardTrack } from './card-track.js';
import { chAhv } from './ch-ahv.js';
import { chUid } from './ch-uid.js';
import { clRut } from './cl-rut.js';
import { clabe } from './clabe.js';
import { cnResidentId } from './cn-resident-id.js';
import { cnUscc } from './cn-uscc.js';
import { coNit } from './co-nit.js';
import { coordinates } from './coordinates.js';
import { crc32Base62 } from './crc32-base62.js';
import { cyTic } from './cy-tic.js';
import { czBirthNumber } from './cz-birth-number.js';
import { czIco } from './cz-ico.js';
import { deHealthInsuranceNumber } from './de-health-insurance-number.js';
import { deIdCard } from './de-id-card.js';
import { deKvnr } from './de-kvnr.js';
import { deLanr } from './de-lanr.js';
import { dePensionNumber } from './de-pension-number.js';
import { deTaxId } from './de-tax-id.js';
import { dkCpr } from './dk-cpr.js';
import { dkCprCheck } from './dk-cpr-check.js';
import { dkCvr } from './dk-cvr.js';
import { documentNumber } from './document-number.js';
import { e164 } from './e164.js';
import { ecCedula } from './ec-cedula.js';
import { eeLtPersonalCode } from './ee-lt-personal-code.js';
import { egNationalId } from './eg-national-id.js';
import { eip55 } from './eip55.js';
import { email } from './email.js';
import { esCif } from './es-cif.js';
import { esDni } from './es-dni.js';
import { esNie } from './es-nie.js';
import { esNuss } from './es-nuss.js';
import { fiBusinessId } from './fi-business-id.js';
import { fiHetu } from './fi-hetu.js';
import { filledIn } from './filled-in.js';
import { frNir } from './fr-nir.js';
import { frSpi } from './fr-spi.js';
import { gbNhsNumber } from './gb-nhs-number.js';
import { gbNino } from './gb-nino.js';
import { gbUtr } from './gb-utr.js';
import { gitlabCrc32 } from './gitlab-crc32.js';
import { grAfm } from './gr-afm.js';
import { grAmka } from './gr-amka.js';
import { grafanaChecksum } from './grafana-checksum.js';
import { hardwareAddress } from './hardware-address.js';
import { hkId } from './hk-id.js';
import { hrOib } from './hr-oib.js';
import { huPersonalId } from './hu-personal-id.js';
import { huTaj } from './hu-taj.js';
import { huTaxId } from './hu-tax-id.js';
import { iban } from './iban.js';
import { iccid } from './iccid.js';
import { idNik } from './id-nik.js';
import { idNpwp } from './id-npwp.js';
import { iePpsn } from './ie-ppsn.js';
import { imsi } from './imsi.js';
import { inAadhaar } from './in-aadhaar.js';
import { inGstin } from './in-gstin.js';
import { irNationalId } from './ir-national-id.js';
import { isKennitala } from './is-kennitala.js';
import { itCodiceFiscale } from './it-codice-fiscale.js';
import { itPartitaIva } from './it-partita-iva.js';
import { jmbg } from './jmbg.js';
import { jpCorporateNumber } from './jp-corporate-number.js';
import { jpMyNumber } from './jp-my-number.js';
import { jwt } from './jwt.js';
import { krBusinessNumber } from './kr-business-number.js';
import { krRrn } from './kr-rrn.js';
import { krRrnCheck } from './kr-rrn-check.js';
import { kwCivilId } from './kw-civil-id.js';
import { kzIin } from './kz-iin.js';
import { lkNic } from './lk-nic.js';
import { luMatricule } from './lu-matricule.js';
import { luhn } from './luhn.js';
import { lvPersonalCode } from './lv-personal-code.js';
import { mdIdnp } from './md-idnp.js';
import { moneroAddress } from './monero-address.js';
import { mrz } from './mrz.js';
import { mxCurp } from './mx-curp.js';
import { mxRfc } from './mx-rfc.js';
import { mxRfcCheck } from './mx-rfc-check.js';
import { myNric } from './my-nric.js';
import { nationalPhone } from './national-phone.js';
import { nlBsn } from './nl-bsn.js';
import { noBirthNumber } from './no-birth-number.js';
import { noOrganisationNumber } from './no-organisation-number.js';
import { nzIrd } from './nz-ird.js';
import { nzNhi } from './nz-nhi.js';
import { passwordText } from './password-text.js';
import { paymentCard } from './payment-card.js';
import { peDni } from './pe-dni.js';
import { peRuc } from './pe-ruc.js';
import { personName } from './person-name.js';
import { plIdCard } from './pl-id-card.js';
import { plNip } from './pl-nip.js';
import { plPesel } from './pl-pesel.js';
import { plRegon } from './pl-regon.js';
import { ptCitizenCard } from './pt-citizen-card.js';
import { ptNif } from './pt-nif.js';
import { ptNiss } from './pt-niss.js';
import { publicIp } from './public-ip.js';
import { randomText } from './random-text.js';
import { realSecret } from './real-secret.js';
import { rippleBase58check } from './ripple-base58check.js';
import { roCnp } from './ro-cnp.js';
import { roCui } from './ro-cui.js';
import { rsPib } from './rs-pib.js';
import { ruInn } from './ru-inn.js';
import { ruSnils } from './ru-snils.js';
import { seCoordinationNumber } from './se-coordination-number.js';
import { seOrganisationNumber } from './se-organisation-number.js';
import { sePersonalNumber } from './se-personal-number.js';
import { seedPhrase } from './seed-phrase.js';
import { sepaCreditorId } from './sepa-creditor-id.js';
import { sgNric } from './sg-nric.js';
import { siTaxNumber } from './si-tax-number.js';
import { solanaKey } from './solana-key.js';
import { stellarKey } from './stellar-key.js';
import { svDui } from './sv-dui.js';
import { testCard } from './test-card.js';
import { thId } from './th-id.js';
import { trTckn } from './tr-tckn.js';
import { trVkn } from './tr-vkn.js';
import { twBusinessNumber } from './tw-business-number.js';
import { twNationalId } from './tw-national-id.js';
import { uaEdrpou } from './ua-edrpou.js';
import { uaRnokpp } from './ua-rnokpp.js';
import { usDea } from './us-dea.js';
import { usEin } from './us-ein.js';
import { usItin } from './us-itin.js';
import { usNpi } from './us-npi.js';
import { usSsn } from './us-ssn.js';
import { userAndPassword } from './user-and-password.js';
import { uyCi } from './uy-ci.js';
import { veRif } from './ve-rif.js';
import { vin } from './vin.js';
import { vnTaxCode } from './vn-tax-code.js';
import { zaId } from './za-id.js';

/** Says whether the matched text can be what its detector looks for. */
export type Validator = (text: string) => boolean;

/** The table of validators: one file and one line here each; rules name them by these names. */
export const VALIDATORS: Readonly<Record<string, Validator>> = {
  'aba-routing': abaRouting,
  'ar-cuit': arCuit,
  'at-svnr': atSvnr,
  'atlassian-checksum': atlassianChecksum,
  'au-abn': auAbn,
  'au-acn': auAcn,
  'au-medicare': auMedicare,
  'au-tfn': auTfn,
  base58check,
  'base64-jwt': base64Jwt,
  'basic-credentials': basicCredentials,
  'be-national-number': beNationalNumber,
  bech32,
  'bg-egn': bgEgn,
  'bg-pnf': bgPnf,
  bic,
  'birth-date': birthDate,
  'br-cnpj': brCnpj,
  'br-cns': brCns,
  'br-cpf': brCpf,
  'br-pis': brPis,
  'br-voter': brVoter,
  'ca-sin': caSin,
  'card-groups': cardGroups,
  'card-track': cardTrack,
  'ch-ahv': chAhv,
  'ch-uid': chUid,
  'cl-rut': clRut,
  clabe,
  'cn-resident-id': cnResidentId,
  'cn-uscc': cnUscc,
  'co-nit': coNit,
  coordinates,
  'crc32-base62': crc32Base62,
  'cy-tic': cyTic,
  'cz-birth-number': czBirthNumber,
  'cz-ico': czIco,
  'de-health-insurance-number': deHealthInsuranceNumber,
  'de-id-card': deIdCard,
  'de-kvnr': deKvnr,
  'de-lanr': deLanr,
  'de-pension-number': dePensionNumber,
  'de-tax-id': deTaxId,
  'dk-cpr': dkCpr,
  'dk-cpr-check': dkCprCheck,
  'dk-cvr': dkCvr,
  'document-number': documentNumber,
  e164,
  'ec-cedula': ecCedula,
  'ee-lt-personal-code': eeLtPersonalCode,
  'eg-national-id': egNationalId,
  eip55,
  email,
  'es-cif': esCif,
  'es-dni': esDni,
  'es-nie': esNie,
  'es-nuss': esNuss,
  'fi-business-id': fiBusinessId,
  'fi-hetu': fiHetu,
  'filled-in': filledIn,
  'fr-nir': frNir,
  'fr-spi': frSpi,
  'gb-nhs-number': gbNhsNumber,
  'gb-nino': gbNino,
  'gb-utr': gbUtr,
  'gitlab-crc32': gitlabCrc32,
  'gr-afm': grAfm,
  'gr-amka': grAmka,
  'grafana-checksum': grafanaChecksum,
  'hardware-address': hardwareAddress,
  'hk-id': hkId,
  'hr-oib': hrOib,
  'hu-personal-id': huPersonalId,
  'hu-taj': huTaj,
  'hu-tax-id': huTaxId,
  iban,
  iccid,
  'id-nik': idNik,
  'id-npwp': idNpwp,
  'ie-ppsn': iePpsn,
  imsi,
  'in-aadhaar': inAadhaar,
  'in-gstin': inGstin,
  'ir-national-id': irNationalId,
  'is-kennitala': isKennitala,
  'it-codice-fiscale': itCodiceFiscale,
  'it-partita-iva': itPartitaIva,
  jmbg,
  'jp-corporate-number': jpCorporateNumber,
  'jp-my-number': jpMyNumber,
  jwt,
  'kr-business-number': krBusinessNumber,
  'kr-rrn': krRrn,
  'kr-rrn-check': krRrnCheck,
  'kw-civil-id': kwCivilId,
  'kz-iin': kzIin,
  'lk-nic': lkNic,
  'lu-matricule': luMatricule,
  luhn,
  'lv-personal-code': lvPersonalCode,
  'md-idnp': mdIdnp,
  'monero-address': moneroAddress,
  mrz,
  'mx-curp': mxCurp,
  'mx-rfc': mxRfc,
  'mx-rfc-check': mxRfcCheck,
  'my-nric': myNric,
  'national-phone': nationalPhone,
  'nl-bsn': nlBsn,
  'no-birth-number': noBirthNumber,
  'no-organisation-number': noOrganisationNumber,
  'nz-ird': nzIrd,
  'nz-nhi': nzNhi,
  'password-text': passwordText,
  'payment-card': paymentCard,
  'pe-dni': peDni,
  'pe-ruc': peRuc,
  'person-name': personName,
  'pl-id-card': plIdCard,
  'pl-nip': plNip,
  'pl-pesel': plPesel,
  'pl-regon': plRegon,
  'pt-citizen-card': ptCitizenCard,
  'pt-nif': ptNif,
  'pt-niss': ptNiss,
  'public-ip': publicIp,
  'random-text': randomText,
  'real-secret': realSecret,
  'ripple-base58check': rippleBase58check,
  'ro-cnp': roCnp,
  'ro-cui': roCui,
  'rs-pib': rsPib,
  'ru-inn': ruInn,
  'ru-snils': ruSnils,
  'se-coordination-number': seCoordinationNumber,
  'se-organisation-number': seOrganisationNumber,
  'se-personal-number': sePersonalNumber,
  'seed-phrase': seedPhrase,
  'sepa-creditor-id': sepaCreditorId,
  'sg-nric': sgNric,
  'si-tax-number': siTaxNumber,
  'solana-key': solanaKey,
  'stellar-key': stellarKey,
  'sv-dui': svDui,
  'test-card': testCard,
  'th-id': thId,
  'tr-tckn': trTckn,
  'tr-vkn': trVkn,
  'tw-business-number': twBusinessNumber,
  'tw-national-id': twNationalId,
  'ua-edrpou': uaEdrpou,
  'ua-rnokpp': uaRnokpp,
  'us-dea': usDea,
  'us-ein': usEin,
  'us-itin': usItin,
  'us-npi': usNpi,
  'us-ssn': usSsn,
  'user-and-password': userAndPassword,
  'uy-ci': uyCi,
  've-rif': veRif,
  vin,
  'vn-tax-code': vnTaxCode,
  'za-id': zaId,
};
