import type { Snippet } from './snippet.ts'

export const rubySnippet = (iss: string, aud: string): Snippet => ({
  label: 'Ruby',
  install: 'gem install jwt',
  code: `require 'base64'
require 'json'
require 'jwt'
require 'net/http'

JWKS = JSON.parse(Net::HTTP.get(URI('${iss}/.well-known/jwks.json'))) # fetch again every ten minutes, and for an unknown kid
KEYS = JWKS['keys'].select { |key| key['alg'] == 'ES256' }.to_h { |key| [key['kid'], JWT::JWK.import(key).keypair] }
OPTIONS = { algorithms: ['ES256'], verify_expiration: false, verify_not_before: false }.freeze

# body: the raw bytes of the request. Raises if the request is not authentic: answer 401.
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

  JSON.parse(body) # process each id once; answer 2xx within seconds
end
`,
})
