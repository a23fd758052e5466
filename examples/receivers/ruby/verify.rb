# Verifies a webhook of Doorbell by its published keys, with the gem jwt. That gem knows ES256, Doorbell's default, and not Ed25519.
gem 'jwt', '~> 2.5'
require 'base64'
require 'jwt'
require 'net/http'
require 'openssl'

# The request is not to be believed: answer 401.
class Refused < StandardError; end

# The keys cannot be had, which says nothing about the request: answer 503, and Doorbell tries again.
class NoKeys < StandardError; end

# Fetched every ten minutes, and for an unknown key id, but then at most every five seconds.
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
    # Keys of a kind that this version of the gem does not know are left out.
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

# keys[kid] finds a key; the secret (whsec_…) may be nil: the JWS alone is enough.
class Verifier
  # The gem's claims are of the payload, which is not a token here but the event: none of them is looked at.
  OPTIONS = { algorithms: ['ES256'], verify_expiration: false, verify_not_before: false }.freeze

  def initialize(keys, issuer, subscription, secret = nil)
    @keys, @issuer, @subscription, @secret = keys, issuer, subscription, secret
  end

  # The header that the signature protects. The body must be the bytes as they came. `headers` answers to ['webhook-id'] and so on.
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
    refuse('critical header') if header.key?('crit') # RFC 7515 §4.1.11, which the gem leaves to us
    header
  rescue JWT::DecodeError, ArgumentError => e
    refuse("webhook-jws: #{e.message}")
  end

  # The Standard Webhooks signature, as the gem standardwebhooks verifies it too. Not needed beside the JWS.
  def verify_hmac(headers, body, now)
    timestamp = headers['webhook-timestamp'].to_s
    refuse('webhook-timestamp is old, or no number') unless timestamp.match?(/\A\d+\z/) && recent?(timestamp.to_i, now)
    content = "#{headers['webhook-id']}.#{timestamp}.".b + body.b
    digest = OpenSSL::HMAC.digest('SHA256', Base64.decode64(@secret.delete_prefix('whsec_')), content)
    expected = "v1,#{Base64.strict_encode64(digest)}"
    return if headers['webhook-signature'].to_s.split.any? { |given| OpenSSL.secure_compare(expected, given) }

    refuse('webhook-signature does not fit the secret and the body')
  end

  def recent?(at, now)
    (now.to_i - at).abs <= 300
  end

  def refuse(why)
    raise Refused, why
  end
end
