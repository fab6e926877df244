import { abaRouting } from './aba-routing.js';
import { base58check } from './base58check.js';
import { basicCredentials } from './basic-credentials.js';
import { bech32 } from './bech32.js';
import { bic } from './bic.js';
import { birthDate } from './birth-date.js';
import { cardGroups } from './card-groups.js';
import { cardTrack } from './card-track.js';
import { clabe } from './clabe.js';
import { coordinates } from './coordinates.js';
import { deKvnr } from './de-kvnr.js';
import { deLanr } from './de-lanr.js';
import { documentNumber } from './document-number.js';
import { e164 } from './e164.js';
import { eip55 } from './eip55.js';
import { email } from './email.js';
import { filledIn } from './filled-in.js';
import { hardwareAddress } from './hardware-address.js';
import { iban } from './iban.js';
import { iccid } from './iccid.js';
import { imsi } from './imsi.js';
import { jwt } from './jwt.js';
import { luhn } from './luhn.js';
import { moneroAddress } from './monero-address.js';
import { mrz } from './mrz.js';
import { nationalPhone } from './national-phone.js';
import { paymentCard } from './payment-card.js';
import { personName } from './person-name.js';
import { publicIp } from './public-ip.js';
import { realSecret } from './real-secret.js';
import { rippleBase58check } from './ripple-base58check.js';
import { seedPhrase } from './seed-phrase.js';
import { sepaCreditorId } from './sepa-creditor-id.js';
import { solanaKey } from './solana-key.js';
import { stellarKey } from './stellar-key.js';
import { testCard } from './test-card.js';
import { usDea } from './us-dea.js';
import { usNpi } from './us-npi.js';
import { usSsn } from './us-ssn.js';
import { vin } from './vin.js';

/** Says whether the matched text can be what its detector looks for. */
export type Validator = (text: string) => boolean;

/** The table of validators: one file and one line here each; rules name them by these names. */
export const VALIDATORS: Readonly<Record<string, Validator>> = {
  'aba-routing': abaRouting,
  base58check,
  'basic-credentials': basicCredentials,
  bech32,
  bic,
  'birth-date': birthDate,
  'card-groups': cardGroups,
  'card-track': cardTrack,
  clabe,
  coordinates,
  'de-kvnr': deKvnr,
  'de-lanr': deLanr,
  'document-number': documentNumber,
  e164,
  eip55,
  email,
  'filled-in': filledIn,
  'hardware-address': hardwareAddress,
  iban,
  iccid,
  imsi,
  jwt,
  luhn,
  'monero-address': moneroAddress,
  mrz,
  'national-phone': nationalPhone,
  'payment-card': paymentCard,
  'person-name': personName,
  'public-ip': publicIp,
  'real-secret': realSecret,
  'ripple-base58check': rippleBase58check,
  'seed-phrase': seedPhrase,
  'sepa-creditor-id': sepaCreditorId,
  'solana-key': solanaKey,
  'stellar-key': stellarKey,
  'test-card': testCard,
  'us-dea': usDea,
  'us-npi': usNpi,
  'us-ssn': usSsn,
  vin,
};
