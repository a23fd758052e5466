import type { Snippet } from './snippet.ts'

export const javaSnippet = (iss: string, aud: string): Snippet => ({
  label: 'Java',
  install: 'com.nimbusds:nimbus-jose-jwt:10.10',
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

  /** body: the raw bytes of the request. Throws if the request is not authentic: answer 401. */
  void verify(UnaryOperator<String> headers, byte[] body) throws Exception {
    JWSObject signed = JWSObject.parse(headers.apply("webhook-jws"), new Payload(body));
    JWSHeader header = signed.getHeader();
    if (!header.getAlgorithm().equals(JWSAlgorithm.ES256)) throw new JOSEException("not ES256");
    var found = keys.get(new JWKSelector(JWKMatcher.forJWSHeader(header)), null);
    if (found.isEmpty() || !signed.verify(new ECDSAVerifier(found.get(0).toECKey())))
      throw new JOSEException("webhook-jws does not match the body");
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
})
