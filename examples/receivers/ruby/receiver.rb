# A receiver for the webhooks of Doorbell:
#   gem install jwt:2.5.0 webrick:1.8.1
#   DOORBELL_ISSUER=https://doorbell.example DOORBELL_SUBSCRIPTION=sub_… ruby receiver.rb
require 'json'
require 'webrick'
require_relative 'verify'

issuer = ENV.fetch('DOORBELL_ISSUER')
keys = PublishedKeys.new("#{issuer}/.well-known/jwks.json")
verifier = Verifier.new(keys, issuer, ENV.fetch('DOORBELL_SUBSCRIPTION'), ENV['DOORBELL_SECRET'])
# The ids of processed events. Use a table of your database with the id as its key, which survives a restart.
done = {}

# Processes an event. Replace it, and queue what takes longer than a few seconds.
on_event = lambda do |event, replay|
  puts "#{event['type']} #{event['id']} #{'(replay)' if replay}"
end

server = WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: ENV.fetch('PORT', '8080').to_i, AccessLog: [])
server.mount_proc('/') do |request, response|
  body = request.body.to_s
  header = verifier.verify(request, body, Time.now)
  event = JSON.parse(body)
  if header['verification'] # Doorbell asks whether this endpoint wants its webhooks
    response.body = { challenge: event['challenge'] }.to_json
  else
    unless done[event['id']] && !header['replay']
      on_event.call(event, header['replay'])
      done[event['id']] = true # only after processing: if that fails, Doorbell retries
    end
    response.status = 204
  end
rescue Refused => e
  warn e.message
  response.status, response.body = 401, e.message
rescue NoKeys => e
  warn e.message
  response.status, response.body = 503, 'the keys cannot be fetched'
rescue StandardError => e
  # The error is for your log alone: Doorbell shows the answer to its administrators.
  warn e.full_message
  response.status, response.body = 500, 'failed'
end
trap('TERM') { server.shutdown }
$stdout.sync = true
server.start
