import { base64Jwt } from './base64-jwt.js';
import { basicCredentials } from './basic-credentials.js';
import { birthDate } from './birth-date.js';
import { e164 } from './e164.js';
import { email } from './email.js';
import { hardwareAddress } from './hardware-address.js';
import { iban } from './iban.js';
import { jwt } from './jwt.js';
import { luhn } from './luhn.js';
import { passwordText } from './password-text.js';
import { paymentCard } from './payment-card.js';
import { publicIp } from './public-ip.js';
import { randomText } from './random-text.js';
import { realSecret } from './real-secret.js';
import { usSsn } from './us-ssn.js';
import { userAndPassword } from './user-and-password.js';

/** Says whether the matched text can be what its detector looks for. */
export type Validator = (text: string) => boolean;

/** The table of validators: one file and one line here each; rules name them by these names. */
export const VALIDATORS: Readonly<Record<string, Validator>> = {
  'base64-jwt': base64Jwt,
  'basic-credentials': basicCredentials,
  'birth-date': birthDate,
  e164,
  email,
  'hardware-address': hardwareAddress,
  iban,
  jwt,
  luhn,
  'password-text': passwordText,
  'payment-card': paymentCard,
  'public-ip': publicIp,
  'random-text': randomText,
  'real-secret': realSecret,
  'us-ssn': usSsn,
  'user-and-password': userAndPassword,
};
