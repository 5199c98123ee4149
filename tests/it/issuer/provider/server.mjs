// A real authorization server, and what a test needs to know of it and do to it, below /test/.
// Arguments: the file with its keys, made if it is not there, and the port, 0 for any. Prints its URL.
import { webcrypto } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

// It remarks upon what a test does not mind, to an output that is read no further than its first line.
console.info = () => {};

const { subtle } = webcrypto;
const [keysFile, port] = process.argv.slice(-2);
const AUDIENCE = 'https://api.tenure.example';
const INTERNAL = 'https://internal.tenure.example';
const SCOPES = 'mood_read mood_write activity_read activity_write';
// What else may be asked for.
const MORE = 'media_read media_write';
// What a client asks for as `resource`; both are the same audience.
const JWT = `${AUDIENCE}/jwt`;
const OPAQUE = `${AUDIENCE}/opaque`;

// By Web Crypto: generateKeyPairSync() and an export as JWK now and then never return in Node.js 20.
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
let made = 0;
const newKey = async () => {
  const { privateKey } = await subtle.generateKey(RSA, true, ['sign', 'verify']);
  const { key_ops, ext, ...jwk } = await subtle.exportKey('jwk', privateKey);
  made += 1;
  return { ...jwk, kid: `key-${Date.now()}-${made}`, use: 'sig', alg: 'RS256' };
};
const stranger = await newKey();
let keys = existsSync(keysFile) ? JSON.parse(readFileSync(keysFile)) : [await newKey()];

const server = (id) => ({
  audience: id === INTERNAL ? INTERNAL : AUDIENCE,
  scope: `${SCOPES} ${MORE}`,
  accessTokenFormat: id === OPAQUE ? 'opaque' : 'jwt',
  accessTokenTTL: 3600,
  jwt: { sign: { alg: 'RS256', kid: keys[0].kid } },
});

// Where people come back to who sign in to the page of a Tenure; that has no port before it runs.
const pages = ['https://client.example/callback'];
const page = (client_id, token_endpoint_auth_method) => ({
  client_id,
  ...(token_endpoint_auth_method === 'none' ? {} : { client_secret: `${client_id}'s secret: 100%` }),
  token_endpoint_auth_method,
  grant_types: ['authorization_code'],
  redirect_uris: pages,
  response_types: ['code'],
});

const client = (client_id, ...grant_types) => ({
  client_id,
  client_secret: `${client_id}'s secret: 100%`,
  token_endpoint_auth_method: client_id === 'tenure' ? 'client_secret_basic' : 'client_secret_post',
  grant_types,
  redirect_uris: grant_types.includes('authorization_code') ? ['https://client.example/callback'] : [],
  response_types: grant_types.includes('authorization_code') ? ['code'] : [],
});

const configuration = () => ({
  jwks: { keys },
  clients: [
    client('oura', 'authorization_code', 'refresh_token', 'client_credentials'),
    client('withings', 'authorization_code', 'refresh_token', 'client_credentials'),
    client('test500', 'authorization_code', 'refresh_token'),
    client('client-of-values', 'client_credentials'),
    client('tenure'),
    page('page', 'client_secret_basic'),
    page('public-page', 'none'),
  ],
  scopes: ['openid', 'offline_access', ...SCOPES.split(' '), ...MORE.split(' ')],
  findAccount: (ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  issueRefreshToken: () => true,
  routes: { authorization: '/oauth2/authorize', token: '/oauth2/access_token' },
  cookies: { keys: ['of the tests'] },
  ttl: { AccessToken: 3600, ClientCredentials: 3600 },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx, asking) => (asking.clientId === 'withings' ? OPAQUE : JWT),
      getResourceServerInfo: (ctx, id) => server(id),
      useGrantedResource: () => true,
    },
  },
});

const http = createServer((request, response) => answer(request, response));
await new Promise((done) => http.listen(Number(port), '127.0.0.1', done));
const url = `http://127.0.0.1:${http.address().port}`;
let provider;
const start = () => {
  writeFileSync(keysFile, JSON.stringify(keys));
  provider = new Provider(url, configuration());
};
start();

const encoded = (text) => Buffer.from(text).toString('base64url');
const asked = {};
const doings = {
  // A page whose users may sign in here.
  page: ({ redirect_uri }) => { pages.push(redirect_uri); start(); },
  asked: () => asked,
  keys: () => keys,
  kid: () => keys[0].kid,
  // From now on another key signs; what the one before signed is still good.
  rotate: async () => { keys = [await newKey(), keys[0]]; start(); },
  // The key before is gone.
  retire: () => { keys = [keys[0]]; start(); },
  // A token for a user, as the flow would give it, without the flow.
  token: async ({ client_id, user, scope, format, seconds }) => {
    const id = { opaque: OPAQUE, jwt: JWT, internal: INTERNAL }[format];
    const accessTokenFormat = format === 'jwt' ? 'jwt' : 'opaque';
    const resource = { ...server(id), accessTokenFormat, accessTokenTTL: seconds };
    const token = new provider.AccessToken({
      accountId: user,
      client: await provider.Client.find(client_id),
      scope: scope ?? SCOPES,
      gty: 'authorization_code',
      expiresIn: seconds,
    });
    token.resourceServer = new provider.ResourceServer(id, resource);
    return { token: await token.save() };
  },
  // What it says of a JWT that it signed. The library's own introspection takes no JWTs.
  introspect: async ({ token }) => {
    asked['/test/introspect'] = (asked['/test/introspect'] ?? 0) + 1;
    const [header, payload, signature] = token.split('.');
    const [{ kty, n, e }] = keys;
    const key = await subtle.importKey('jwk', { kty, n, e }, RSA, false, ['verify']);
    const [signed, message] = [Buffer.from(signature, 'base64url'), Buffer.from(`${header}.${payload}`)];
    const active = await subtle.verify(RSA.name, key, signed, message);
    return active ? { ...JSON.parse(Buffer.from(payload, 'base64url')), active, token_type: 'Bearer' } : { active };
  },
  // Signs whatever it is, with its own key or with one that is nobody's.
  sign: async ({ header, payload, as }) => {
    const message = `${encoded(header)}.${encoded(payload)}`;
    const jwk = as === 'stranger' ? stranger : keys[0];
    const key = await subtle.importKey('jwk', jwk, RSA, false, ['sign']);
    const signature = await subtle.sign(RSA.name, key, Buffer.from(message));
    return { token: `${message}.${Buffer.from(signature).toString('base64url')}` };
  },
};

async function answer(request, response) {
  const { pathname } = new URL(request.url, url);
  const [, test, doing] = pathname.split('/');
  if (test !== 'test') {
    asked[pathname] = (asked[pathname] ?? 0) + 1;
    provider.callback()(request, response);
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  const told = isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body || '{}');
  const result = await doings[doing](told);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(result ?? null));
}

console.log(url);
