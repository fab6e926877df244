// Creates the tables of the shop and fills them. Run once: DATABASE_URL=postgres://… node setup.mjs
import pg from 'pg';
import { PEOPLE } from './people.mjs';

const PRODUCTS = [
  ['mug', 'Stoneware mug', 1450],
  ['lamp', 'Desk lamp', 5900],
  ['rug', 'Wool rug', 18_900],
  ['vase', 'Glass vase', 3200],
];

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query(`
  CREATE TABLE users (id int PRIMARY KEY, name text, email text UNIQUE, token text UNIQUE, newsletter boolean);
  CREATE TABLE products (sku text PRIMARY KEY, title text, cents int);
  CREATE TABLE cards (user_id int PRIMARY KEY, number text);
  CREATE TABLE orders (
    id serial PRIMARY KEY, user_id int, sku text, quantity int, paid boolean, at timestamptz DEFAULT now()
  )`);
for (const { id, name, email, token, card } of PEOPLE) {
  await client.query('INSERT INTO users VALUES ($1, $2, $3, $4, true)', [id, name, email, token]);
  await client.query('INSERT INTO cards VALUES ($1, $2)', [id, card]);
}
for (const product of PRODUCTS) await client.query('INSERT INTO products VALUES ($1, $2, $3)', product);
await client.end();
