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

/** Verifies webhooks of Doorbell. The secret (whsec_…) may be null, because the JWS is enough. */
record Verifier(JWKSource<SecurityContext> keys, String issuer, String subscription, String secret) {
  static final long TOLERANCE_S = 300;

  /** The request is not authentic: answer 401. */
  static class Refused extends Exception {
    Refused(String why) {
      super(why);
    }
  }

  /**
   * The published keys, cached for ten minutes. An unknown key id fetches them again, but not too often. While they cannot be
   * fetched, they stay valid for a day.
   */
  static JWKSource<SecurityContext> publishedKeys(String issuer) throws MalformedURLException {
    return JWKSourceBuilder.create(URI.create(issuer + "/.well-known/jwks.json").toURL())
        .cache(Duration.ofMinutes(10).toMillis(), Duration.ofSeconds(5).toMillis())
        .rateLimited(Duration.ofSeconds(5).toMillis())
        .outageTolerant(Duration.ofDays(1).toMillis())
        .build();
  }

  /**
   * Returns the signed header. The body must be the raw bytes of the request. A KeySourceException is not the request's fault, because the keys
   * cannot be fetched: answer 503, and Doorbell retries.
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
        throw new Refused("webhook-jws does not match the body");
      return signed.getHeader();
    } catch (RateLimitReachedException error) {
      throw new Refused("the key is not in the key set, which was fetched a moment ago");
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

  /** Verifies the Standard Webhooks signature, as that project's own Java library does. With the JWS it is optional. */
  private void verifyHmac(UnaryOperator<String> headers, byte[] body, Instant now) throws Refused {
    String timestamp = Objects.toString(headers.apply("webhook-timestamp"), "");
    if (!timestamp.matches("\\d{1,12}") || Math.abs(now.getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE_S)
      throw new Refused("webhook-timestamp is too old or not a number");
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
    throw new Refused("webhook-signature does not match the secret and the body");
  }

  private static void expect(String name, String expected, Object found) throws Refused {
    if (expected == null || !expected.equals(found)) throw new Refused(name + " is " + found + ", not " + expected);
  }
}
