import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** A receiver for the webhooks of Doorbell: DOORBELL_ISSUER=https://doorbell.example DOORBELL_SUBSCRIPTION=sub_… mvn -q compile exec:java */
class Receiver {
  /** The ids of processed events. Use a table of your database with the id as its key, which survives a restart. */
  private final Set<String> done = ConcurrentHashMap.newKeySet();
  private final Verifier verifier;

  Receiver(Verifier verifier) {
    this.verifier = verifier;
  }

  /** Processes an event. Replace it, and queue what takes longer than a few seconds. */
  void onEvent(Map<String, Object> event, boolean replay) {
    System.out.println(event.get("type") + " " + event.get("id") + (replay ? " (replay)" : ""));
  }

  void handle(HttpExchange exchange) throws IOException {
    try {
      byte[] body = exchange.getRequestBody().readNBytes(1 << 20);
      JWSHeader header = verifier.verify(exchange.getRequestHeaders()::getFirst, body, Instant.now());
      Map<String, Object> event = JSONObjectUtils.parse(new String(body, StandardCharsets.UTF_8));
      boolean replay = header.getCustomParam("replay") != null;
      if (header.getCustomParam("verification") != null) { // Doorbell asks whether this endpoint wants its webhooks
        answer(exchange, 200, JSONObjectUtils.toJSONString(Map.of("challenge", event.get("challenge"))));
        return;
      }
      String id = (String) event.get("id");
      if (replay || !done.contains(id)) {
        onEvent(event, replay);
        done.add(id); // only after processing: if that fails, Doorbell retries
      }
      exchange.sendResponseHeaders(204, -1);
    } catch (Verifier.Refused error) {
      System.err.println(error);
      answer(exchange, 401, error.getMessage());
    } catch (KeySourceException error) {
      System.err.println(error);
      answer(exchange, 503, "the keys cannot be fetched");
    } catch (Exception error) {
      error.printStackTrace();
      answer(exchange, 500, "failed");
    } finally {
      exchange.close();
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, String> settings = System.getenv();
    String issuer = settings.get("DOORBELL_ISSUER");
    Verifier verifier = new Verifier(
        Verifier.publishedKeys(issuer), issuer, settings.get("DOORBELL_SUBSCRIPTION"), settings.get("DOORBELL_SECRET"));
    int port = Integer.parseInt(settings.getOrDefault("PORT", "8080"));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.createContext("/", new Receiver(verifier)::handle);
    server.setExecutor(Executors.newFixedThreadPool(16));
    server.start();
  }
}
