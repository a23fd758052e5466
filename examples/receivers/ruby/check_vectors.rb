# Prints a verdict for each request of a file of vectors: ruby check_vectors.rb ../vectors.json
require 'json'
require_relative 'verify'

file = JSON.parse(File.read(ARGV.fetch(0), encoding: 'UTF-8'))
keys = PublishedKeys.of(file['jwks'])
verifier = Verifier.new(keys, file['issuer'], file['subscriptionId'], file['secret'])
file['vectors'].each do |vector|
  verifier.verify(vector['headers'], vector['body'], Time.at(vector['now']))
  puts "accepted #{vector['name']}"
rescue Refused
  puts "refused #{vector['name']}"
end
