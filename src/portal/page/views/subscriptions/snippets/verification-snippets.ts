/** The receivers of examples/receivers in short: each verifies `webhook-jws` by the published keys, and says whom it believes. */
export const snippetsFor = (iss: string, aud: string): Readonly<Record<string, Snippet>> => ({
  node: {
    label: 'Node',
    before: 'npm install jose',
    code: `import { createRemoteJWKSet, flattenedVerify } from 'jose'

const keys = createRemoteJWKSet(new URL('${iss}/.well-known/jwks.json'))

// body: the bytes as they came. Throws when the request is not to be believed: answer 401.
export const verify = async (headers, body) => {
  const [protectedHeader, , signature] = (headers['webhook-jws'] ?? '').split('.')
  const payload = Buffer.from(body).toString('base64url')
  const signed = { protected: protectedHeader, payload, signature }
  const { protectedHeader: header } = await flattenedVerify(signed, keys, { algorithms: ['ES256', 'Ed25519'] })
  const expected = {
    typ: 'webhook+jws',
    iss: '${iss}',
    aud: '${aud}',
    eid: headers['webhook-id'],
  }
  for (const [name, value] of Object.entries(expected))
    if (header[name] !== value) throw new Error(\`\${name} is not \${value}\`)
  if (!(Math.abs(Date.now() / 1000 - header.iat) <= 300)) throw new Error('signed too long ago')
  return JSON.parse(body) // work on each id once; answer 2xx within seconds
}
`,
  },
  python: {
    label: 'Python',
    before: 'pip install joserfc',
    code: `import json, time, urllib.request
from joserfc import jws
from joserfc.jwk import KeySet

registry = jws.JWSRegistry(algorithms=["ES256", "Ed25519"], strict_check_header=False)
registry.max_header_length = 4096
with urllib.request.urlopen("${iss}/.well-known/jwks.json") as answer:
    keys = KeySet.import_key_set(json.load(answer))  # again every ten minutes, and for a new kid


def verify(headers, body):
    """body: the bytes as they came. Raises when the request is not to be believed: answer 401."""
    token = headers["webhook-jws"]
    if token.split(".")[1] != "":  # joserfc would verify what stands there, and never look at the body
        raise ValueError("webhook-jws is not protected..signature")
    signed = jws.deserialize_compact(token, keys, registry=registry, payload=body)
    header = signed.headers()
    expected = {
        "typ": "webhook+jws",
        "iss": "${iss}",
        "aud": "${aud}",
        "eid": headers["webhook-id"],
    }
    for name, value in expected.items():
        if header.get(name) != value:
            raise ValueError(f"{name} is not {value}")
    if abs(time.time() - header["iat"]) > 300:
        raise ValueError("signed too long ago")
    return json.loads(body)  # work on each id once; answer 2xx within seconds
`,
  },
  go: {
    label: 'Go',
    before: 'go get github.com/lestrrat-go/jwx/v3',
    code: `package webhook

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
)

// Verify returns the signed header. body: the bytes as they came. An error: answer 401.
func Verify(ctx context.Context, headers http.Header, body []byte) (jws.Headers, error) {
	// Keep it for ten minutes, and fetch it anew for an unknown kid.
	keys, err := jwk.Fetch(ctx, "${iss}/.well-known/jwks.json")
	if err != nil {
		return nil, err
	}
	var signed *jws.Signature
	if _, err = jws.Verify([]byte(headers.Get("webhook-jws")), jws.WithCompact(), jws.WithKeySet(keys),
		jws.WithDetachedPayload(body), jws.WithVerifiedSignature(&signed)); err != nil {
		return nil, err
	}
	header := signed.ProtectedHeaders()
	for name, expected := range map[string]string{
		"typ": "webhook+jws",
		"iss": "${iss}",
		"aud": "${aud}",
		"eid": headers.Get("webhook-id"),
	} {
		var value string
		if _ = header.Get(name, &value); value != expected {
			return nil, fmt.Errorf("%s is not %s", name, expected)
		}
	}
	var iat float64
	if err = header.Get("iat", &iat); err != nil || math.Abs(float64(time.Now().Unix())-iat) > 300 {
		return nil, fmt.Errorf("signed too long ago")
	}
	return header, nil // work on each id once; answer 2xx within seconds
}
`,
  },
  java: {
    label: 'Java',
    before: 'com.nimbusds:nimbus-jose-jwt:10.10',
    code: `import com.nimbusds.jose.*;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.*;
import com.nimbusds.jose.jwk.source.*;
import com.nimbusds.jose.proc.SecurityContext;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

class Webhook {
  static final String ISSUER = "${iss}";
  static final String SUBSCRIPTION = "${aud}";
  final JWKSource<SecurityContext> keys;

  Webhook() throws Exception {
    keys = JWKSourceBuilder.create(URI.create(ISSUER + "/.well-known/jwks.json").toURL()).build();
  }

  /** body: the bytes as they came. Throws when the request is not to be believed: answer 401. */
  void verify(UnaryOperator<String> headers, byte[] body) throws Exception {
    JWSObject signed = JWSObject.parse(headers.apply("webhook-jws"), new Payload(body));
    JWSHeader header = signed.getHeader();
    if (!header.getAlgorithm().equals(JWSAlgorithm.ES256)) throw new JOSEException("not ES256");
    var found = keys.get(new JWKSelector(JWKMatcher.forJWSHeader(header)), null);
    if (found.isEmpty() || !signed.verify(new ECDSAVerifier(found.get(0).toECKey())))
      throw new JOSEException("webhook-jws does not fit");
    var expected = Map.of("typ", "webhook+jws", "iss", ISSUER, "aud", SUBSCRIPTION,
        "eid", headers.apply("webhook-id"));
    var claims = header.toJSONObject();
    for (var entry : expected.entrySet())
      if (!Objects.equals(claims.get(entry.getKey()), entry.getValue()))
        throw new JOSEException(entry.getKey() + " is not " + entry.getValue());
    if (Math.abs(Instant.now().getEpochSecond() - ((Number) claims.get("iat")).longValue()) > 300)
      throw new JOSEException("signed too long ago");
  }
}
`,
  },
  ruby: {
    label: 'Ruby',
    before: 'gem install jwt',
    code: `require 'base64'
require 'json'
require 'jwt'
require 'net/http'

JWKS = JSON.parse(Net::HTTP.get(URI('${iss}/.well-known/jwks.json'))) # again every ten minutes
KEYS = JWKS['keys'].select { |key| key['alg'] == 'ES256' }.to_h { |key| [key['kid'], JWT::JWK.import(key).keypair] }
OPTIONS = { algorithms: ['ES256'], verify_expiration: false, verify_not_before: false }.freeze

# body: the bytes as they came. Raises when the request is not to be believed: answer 401.
def verify(headers, body)
  protected_header, _, signature = headers['webhook-jws'].to_s.split('.', -1)
  compact = [protected_header, Base64.urlsafe_encode64(body, padding: false), signature].join('.')
  _, header = JWT.decode(compact, nil, true, OPTIONS) { |found| KEYS.fetch(found['kid']) }
  expected = {
    'typ' => 'webhook+jws',
    'iss' => '${iss}',
    'aud' => '${aud}',
    'eid' => headers['webhook-id']
  }
  expected.each { |name, value| raise "#{name} is not #{value}" unless header[name] == value }
  raise 'signed too long ago' if (Time.now.to_i - header['iat']).abs > 300

  JSON.parse(body) # work on each id once; answer 2xx within seconds
end
`,
  },
})

export interface Snippet {
  readonly label: string
  /** What to install. */
  readonly before: string
  readonly code: string
}
