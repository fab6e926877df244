// The customers of the shop. Nobody here exists: mail domains are reserved (RFC 2606), telephone numbers are kept free
// for fiction (Ofcom, 555-01xx), and cards are the test numbers of payment providers.
import { createHash } from 'node:crypto';

const person = (id, name, mail, phone, card, address) => ({
  id,
  name,
  email: mail,
  phone,
  card,
  address,
  token: createHash('sha256').update(`session of ${mail}`).digest('base64url'),
});

export const PEOPLE = [
  person(4711, 'Ada Quill', 'ada.quill@mail.test', '+44 7700 900461', '4242424242424242', '12 Quince Lane, Harrowby'),
  person(4712, 'Bo Marsh', 'bo.marsh@mail.test', '+44 7700 900132', '5555555555554444', '3 Mill Yard, Harrowby'),
  person(4713, 'Cleo Vane', 'cleo_vane@example.com', '+1 202-555-0143', '378282246310005', '77 Elm Row, Fairweather'),
  person(4714, 'Dov Aster', 'dov@aster.example.com', '+1 415-555-0168', '6011111111111117', '9 Kiln Road, Fairweather'),
  person(
    4715,
    'Emi Larch',
    'emi.larch@mail.test',
    '+44 20 7946 0318',
    '4000056655665556',
    '41 Tanner Street, Harrowby',
  ),
];

/** Orders of this customer are always declined, so that there is something to record. */
export const DECLINED = 4715;

/** Everything above that must never show outside of the shop, in every form in which it goes into spans. */
export const RAW_VALUES = PEOPLE.flatMap(({ id, name, email, phone, card, address, token }) => [
  ...[name, email, encodeURIComponent(email), phone, card, address, token],
  `load user ${id}`,
]);
