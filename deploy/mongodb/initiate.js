// For mongosh, at the first member: makes the replica set unless there is one, and ends when it has a primary.
const hosts = (process.env.MEMBERS ?? 'mongodb-1:27017,mongodb-2:27017,mongodb-3:27017').split(',')

try {
  rs.status()
  print('the set exists')
} catch (error) {
  if (error.codeName !== 'NotYetInitialized') throw error
  rs.initiate({ _id: 'doorbell', members: hosts.map((host, _id) => ({ _id, host })) })
  print(`made of ${hosts.join(', ')}`)
}
while (!rs.status().members.some(({ stateStr }) => stateStr === 'PRIMARY')) sleep(200)
print('it has a primary')
