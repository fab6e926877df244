import { atlassianChecksum } from './atlassian-checksum.js';
import { basicCredentials } from './basic-credentials.js';
import { birthDate } from './birth-date.js';
import { e164 } from './e164.js';
import { email } from './email.js';
import { grafanaChecksum } from './grafana-checksum.js';
import { hardwareAddress } from './hardware-address.js';
import { iban } from './iban.js';
import { jwt } from './jwt.js';
import { luhn } from './luhn.js';
import { paymentCard } from './payment-card.js';
import { publicIp } from './public-ip.js';
import { realSecret } from './real-secret.js';
import { usSsn } from './us-ssn.js';

/** Says whether the matched text can be what its detector looks for. */
export type Validator = (text: string) => boolean;

/** The table of validators: one file and one line here each; rules name them by these names. */
export const VALIDATORS: Readonly<Record<string, Validator>> = {
  'atlassian-checksum': atlassianChecksum,
  'basic-credentials': basicCredentials,
  'birth-date': birthDate,
  e164,
  email,
  'grafana-checksum': grafanaChecksum,
  'hardware-address': hardwareAddress,
  iban,
  jwt,
  luhn,
  'payment-card': paymentCard,
  'public-ip': publicIp,
  'real-secret': realSecret,
  'us-ssn': usSsn,
};
