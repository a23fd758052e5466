// For mongosh, connected to the first member: initiates the replica set if there is none, and ends when it has a primary.
const hosts = (process.env.MEMBERS ?? 'mongodb-1:27017,mongodb-2:27017,mongodb-3:27017').split(',')

try {
  rs.status()
  print('the replica set exists')
} catch (error) {
  if (error.codeName !== 'NotYetInitialized') throw error
  rs.initiate({ _id: 'doorbell', members: hosts.map((host, _id) => ({ _id, host })) })
  print(`initiated with ${hosts.join(', ')}`)
}
while (!rs.status().members.some(({ stateStr }) => stateStr === 'PRIMARY')) sleep(200)
print('it has a primary')
