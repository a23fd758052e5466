# Verifies a webhook of Doorbell with its published keys and the gem jwt, which supports ES256 (Doorbell's default) but not Ed25519.
gem 'jwt', '~> 2.5'
require 'base64'
require 'jwt'
require 'net/http'
require 'openssl'

# The request is not authentic: answer 401.
class Refused < StandardError; end

# The keys cannot be fetched, which is not the request's fault: answer 503, and Doorbell retries.
class NoKeys < StandardError; end

# Caches the keys for ten minutes. An unknown key id fetches them again, but at most every five seconds.
class PublishedKeys
  def initialize(url)
    @url, @mutex, @keys, @tried_at, @fetched_at = URI(url), Mutex.new, {}, -Float::INFINITY, -Float::INFINITY
  end

  def [](kid)
    @mutex.synchronize do
      now = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      fetch(now) if (!@keys.key?(kid) || now > @fetched_at + 600) && now > @tried_at + 5
      raise NoKeys, "no keys from #{@url}: #{@failed}" if @failed && !@keys.key?(kid)

      @keys[kid]
    end
  end

  def self.of(jwks)
    # This version of the gem does not support keys of other types.
    jwks['keys'].select { |key| key['alg'] == 'ES256' }.to_h { |key| [key['kid'], JWT::JWK.import(key).keypair] }
  end

  private

  def fetch(now)
    @tried_at = now
    http = Net::HTTP.new(@url.host, @url.port)
    http.use_ssl, http.open_timeout, http.read_timeout = @url.scheme == 'https', 3, 3
    answer = http.get(@url.request_uri)
    raise "status #{answer.code}" unless answer.is_a?(Net::HTTPOK)

    @keys = self.class.of(JSON.parse(answer.body))
    @fetched_at, @failed = now, nil
  rescue StandardError => e
    @failed = e
  end
end

# keys[kid] returns a key. The secret (whsec_…) may be nil, because the JWS is enough.
class Verifier
  # The payload is an event, not a token, so the gem must not check claims in it.
  OPTIONS = { algorithms: ['ES256'], verify_expiration: false, verify_not_before: false }.freeze

  def initialize(keys, issuer, subscription, secret = nil)
    @keys, @issuer, @subscription, @secret = keys, issuer, subscription, secret
  end

  # Returns the signed header. The body must be the raw bytes of the request. `headers` is read with ['webhook-id'] and so on.
  def verify(headers, body, now)
    header = verify_signature(headers['webhook-jws'].to_s, body)
    expected = { 'typ' => 'webhook+jws', 'iss' => @issuer, 'aud' => @subscription, 'eid' => headers['webhook-id'] }
    expected.each { |name, value| refuse("#{name} is #{header[name]}, not #{value}") unless header[name] == value }
    refuse('signed too long ago') unless header['iat'].is_a?(Integer) && recent?(header['iat'], now)
    verify_hmac(headers, body, now) if @secret
    header
  end

  private

  def verify_signature(jws, body)
    protected_header, payload, signature, *more = jws.split('.', -1)
    refuse('webhook-jws is not protected..signature') unless payload == '' && more.empty?
    compact = [protected_header, Base64.urlsafe_encode64(body, padding: false), signature].join('.')
    _, header = JWT.decode(compact, nil, true, OPTIONS) { |found| @keys[found['kid']] || refuse('unknown key') }
    refuse('critical header') if header.key?('crit') # RFC 7515 §4.1.11, which the gem does not check
    header
  rescue JWT::DecodeError, ArgumentError => e
    refuse("webhook-jws: #{e.message}")
  end

  # Verifies the Standard Webhooks signature, as the gem standardwebhooks does. With the JWS it is optional.
  def verify_hmac(headers, body, now)
    timestamp = headers['webhook-timestamp'].to_s
    refuse('webhook-timestamp is too old or not a number') unless timestamp.match?(/\A\d+\z/) && recent?(timestamp.to_i, now)
    content = "#{headers['webhook-id']}.#{timestamp}.".b + body.b
    digest = OpenSSL::HMAC.digest('SHA256', Base64.decode64(@secret.delete_prefix('whsec_')), content)
    expected = "v1,#{Base64.strict_encode64(digest)}"
    return if headers['webhook-signature'].to_s.split.any? { |given| OpenSSL.secure_compare(expected, given) }

    refuse('webhook-signature does not match the secret and the body')
  end

  def recent?(at, now)
    (now.to_i - at).abs <= 300
  end

  def refuse(why)
    raise Refused, why
  end
end
