// For mongosh, connected to the first member: initiates the replica set if there is none, and ends when it has a primary. A member that is not
// there yet is waited for, since Compose gives up on a container that fails.
const hosts = (process.env.MEMBERS ?? 'mongodb-1:27017,mongodb-2:27017,mongodb-3:27017').split(',')

const statusOf = () => {
  try {
    return rs.status()
  } catch (error) {
    print(`not yet: ${error.codeName ?? error.name}`)
    return null
  }
}
const initiate = () => {
  try {
    rs.initiate({ _id: 'doorbell', members: hosts.map((host, _id) => ({ _id, host })) })
    print(`initiated with ${hosts.join(', ')}`)
  } catch (error) {
    print(`not yet: ${error.codeName ?? error.name}`)
  }
}

for (;;) {
  const status = statusOf()
  if (status === null) initiate()
  else if (status.members.some(({ stateStr }) => stateStr === 'PRIMARY')) break
  sleep(500)
}
print('it has a primary')
