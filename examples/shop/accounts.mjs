// accounts (team identity): users, sessions, newsletter subscriptions. Uses PostgreSQL.
import pg from 'pg';
import { inSpan, makeServer, run } from './service.mjs';

const database = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
const server = makeServer();

server.get('/me', async (request) => {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const { rows } = await database.query('SELECT id, name FROM users WHERE token = $1', [token]);
  return rows[0];
});

server.get('/users/:id', async (request) => {
  const id = Number(request.params.id);
  // LEAK user-id-in-span-name: one operation becomes as many operations as there are users.
  return inSpan(`load user ${id}`, async (span) => {
    span.setAttribute('user.id', String(id));
    const { rows } = await database.query('SELECT id, name FROM users WHERE id = $1', [id]);
    return rows[0];
  });
});

server.delete('/subscriptions', async (request) => {
  const email = request.query.email.replaceAll("'", "''");
  // LEAK email-in-sql: the address is part of the statement, where it should be a parameter.
  await database.query(`UPDATE users SET newsletter = false WHERE email = '${email}'`);
  return { unsubscribed: true };
});

await run(server);
