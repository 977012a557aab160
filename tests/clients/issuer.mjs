// npm's oidc-provider as an issuer on loopback, driven by lines on standard input:
//   token SUBJECT   prints an id token of the whole authorization code flow
//   rotate          signs with a new key from now on; the old one stays published
//   replace         a new key, and the old one is no longer published
// The first line printed is the issuer's URL; each command prints one line.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

// Standard output is for the answers; what the provider remarks goes to standard error.
console.info = console.warn = console.error;

const CLIENT = 'stagedoor';
const REDIRECT = 'http://127.0.0.1/callback';

let subject = 'nobody';
let handle;
const server = createServer((request, response) => handle(request, response));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: crypto.randomUUID() };
}

let keys = [await newKey()];

function provide() {
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: [{
      client_id: CLIENT,
      token_endpoint_auth_method: 'none',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    pkce: { required: () => false },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    cookies: { keys: ['only for tests'] },
  });
  const callback = provider.callback();
  handle = (request, response) => request.url.startsWith('/sign-in/')
    ? provider.interactionFinished(request, response, { login: { accountId: subject } })
    : callback(request, response);
}

async function token() {
  const jar = new Map();
  let next = `${issuer}/auth?${new URLSearchParams({
    client_id: CLIENT, redirect_uri: REDIRECT, response_type: 'code', scope: 'openid', nonce: 'n', state: 's',
  })}`;
  while (!next.startsWith(REDIRECT)) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (!location) throw new Error(`${next}: ${response.status} ${await response.text()}`);
    next = new URL(location, issuer).href;
  }
  const code = new URL(next).searchParams.get('code');
  if (!code) throw new Error(`no code: ${next}`);
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', code, redirect_uri: REDIRECT, client_id: CLIENT,
    }),
  });
  const answer = await response.json();
  if (!answer.id_token) throw new Error(JSON.stringify(answer));
  return answer.id_token;
}

provide();
console.log(issuer);
for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(' ');
  if (command === 'token') {
    subject = argument;
    console.log(await token());
  } else if (command === 'rotate' || command === 'replace') {
    keys = [await newKey(), ...(command === 'rotate' ? keys : [])];
    provide();
    console.log(keys[0].kid);
  } else {
    throw new Error(`unknown command: ${line}`);
  }
}
process.exit(0);
