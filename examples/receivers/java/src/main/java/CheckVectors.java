import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** Prints a verdict for each request of a file of vectors: mvn -q compile exec:java -Dexec.mainClass=CheckVectors -Dexec.args=../vectors.json */
class CheckVectors {
  public static void main(String[] arguments) throws Exception {
    Map<String, Object> file = JSONObjectUtils.parse(Files.readString(Path.of(arguments[0])));
    var keys = new ImmutableJWKSet<>(JWKSet.parse(JSONObjectUtils.getJSONObject(file, "jwks")));
    var verifier = new Verifier(
        keys, (String) file.get("issuer"), (String) file.get("subscriptionId"), (String) file.get("secret"));
    for (Map<String, Object> vector : JSONObjectUtils.getJSONObjectArray(file, "vectors")) {
      Map<String, Object> headers = JSONObjectUtils.getJSONObject(vector, "headers");
      byte[] body = ((String) vector.get("body")).getBytes(StandardCharsets.UTF_8);
      Instant now = Instant.ofEpochSecond(((Number) vector.get("now")).longValue());
      String verdict;
      try {
        verifier.verify(name -> (String) headers.get(name), body, now);
        verdict = "accepted";
      } catch (Verifier.Refused error) {
        verdict = "refused";
      }
      System.out.println(verdict + " " + vector.get("name"));
    }
  }
}
