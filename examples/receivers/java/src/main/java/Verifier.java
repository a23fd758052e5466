import com.nimbusds.jose.*;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.Ed25519Verifier;
import com.nimbusds.jose.jwk.*;
import com.nimbusds.jose.jwk.source.*;
import com.nimbusds.jose.proc.SecurityContext;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.*;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies webhooks of Doorbell. The secret (whsec_…) may be null: the JWS alone is enough. */
record Verifier(JWKSource<SecurityContext> keys, String issuer, String subscription, String secret) {
  static final long TOLERANCE_S = 300;

  /** The request is not to be believed: answer 401. */
  static class Refused extends Exception {
    Refused(String why) {
      super(why);
    }
  }

  /** Fetched every ten minutes, and for an unknown key id, but then not too often; kept for a day while they cannot be fetched. */
  static JWKSource<SecurityContext> publishedKeys(String issuer) throws MalformedURLException {
    return JWKSourceBuilder.create(URI.create(issuer + "/.well-known/jwks.json").toURL())
        .cache(Duration.ofMinutes(10).toMillis(), Duration.ofSeconds(5).toMillis())
        .rateLimited(Duration.ofSeconds(5).toMillis())
        .outageTolerant(Duration.ofDays(1).toMillis())
        .build();
  }

  /**
   * The header that the signature protects. The body must be the bytes as they came. A KeySourceException says that there are no
   * keys, and nothing about the request: answer 503, and Doorbell tries again.
   */
  JWSHeader verify(UnaryOperator<String> headers, byte[] body, Instant now) throws Refused, KeySourceException {
    JWSHeader header = verifySignature(headers.apply("webhook-jws"), body);
    Map<String, Object> claims = header.toJSONObject();
    expect("typ", "webhook+jws", claims.get("typ"));
    expect("iss", issuer, claims.get("iss"));
    expect("aud", subscription, claims.get("aud"));
    expect("eid", headers.apply("webhook-id"), claims.get("eid"));
    if (!(claims.get("iat") instanceof Number iat) || Math.abs(now.getEpochSecond() - iat.longValue()) > TOLERANCE_S)
      throw new Refused("signed more than " + TOLERANCE_S + " s from now");
    if (secret != null) verifyHmac(headers, body, now);
    return header;
  }

  private JWSHeader verifySignature(String jws, byte[] body) throws Refused, KeySourceException {
    try {
      JWSObject signed = JWSObject.parse(jws == null ? "" : jws, new Payload(body));
      List<JWK> found = keys.get(new JWKSelector(JWKMatcher.forJWSHeader(signed.getHeader())), null);
      if (found == null || found.isEmpty()) throw new Refused("the key is not in the key set");
      if (!signed.verify(verifierOf(signed.getHeader().getAlgorithm(), found.get(0))))
        throw new Refused("webhook-jws does not fit the body");
      return signed.getHeader();
    } catch (RateLimitReachedException error) {
      throw new Refused("the key is not in the key set, which was fetched just now");
    } catch (KeySourceException error) {
      throw error;
    } catch (ParseException | JOSEException | IllegalArgumentException error) {
      throw new Refused("webhook-jws: " + error.getMessage());
    }
  }

  private static JWSVerifier verifierOf(JWSAlgorithm algorithm, JWK key) throws JOSEException, Refused {
    if (algorithm.equals(JWSAlgorithm.ES256)) return new ECDSAVerifier(key.toECKey());
    if (algorithm.equals(JWSAlgorithm.Ed25519)) return new Ed25519Verifier(key.toOctetKeyPair());
    throw new Refused("the algorithm " + algorithm + " is not allowed");
  }

  /** The Standard Webhooks signature, as that project's own Java library verifies it too. Not needed beside the JWS. */
  private void verifyHmac(UnaryOperator<String> headers, byte[] body, Instant now) throws Refused {
    String timestamp = Objects.toString(headers.apply("webhook-timestamp"), "");
    if (!timestamp.matches("\\d{1,12}") || Math.abs(now.getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE_S)
      throw new Refused("webhook-timestamp is old, or no number");
    byte[] expected;
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.replaceFirst("^whsec_", "")), "HmacSHA256"));
      mac.update((headers.apply("webhook-id") + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
      expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
    for (String signature : Objects.toString(headers.apply("webhook-signature"), "").split(" "))
      if (MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8))) return;
    throw new Refused("webhook-signature does not fit the secret and the body");
  }

  private static void expect(String name, String expected, Object found) throws Refused {
    if (expected == null || !expected.equals(found)) throw new Refused(name + " is " + found + ", not " + expected);
  }
}
