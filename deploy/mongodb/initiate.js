// For mongosh, on the host of the first member: initiates the replica set if there is none, creates Doorbell's user, and ends. MongoDB lets a
// local client do so as long as it has no user; from then on this script is the user `admin`, whose password is the key of the set.
const hosts = (process.env.MEMBERS ?? 'mongodb-1:27017,mongodb-2:27017,mongodb-3:27017').split(',')
const administrator = db.getSiblingDB('admin')
const signIn = () => administrator.auth('admin', process.env.MONGODB_KEY)

let isKnown = true
try {
  signIn()
} catch (error) {
  // Authentication failed: the user does not exist yet.
  if (error.code !== 18) throw error
  isKnown = false
}
try {
  rs.status()
  print('the replica set exists')
} catch (error) {
  if (error.codeName !== 'NotYetInitialized') throw error
  // The first member is the primary, where users are created.
  rs.initiate({ _id: 'doorbell', members: hosts.map((host, _id) => ({ _id, host, priority: _id === 0 ? 2 : 1 })) })
  print(`initiated with ${hosts.join(', ')}`)
}
while (!rs.status().members.some(({ stateStr }) => stateStr === 'PRIMARY')) sleep(200)
print('it has a primary')
if (!isKnown) {
  while (!db.hello().isWritablePrimary) sleep(200)
  administrator.createUser({ user: 'admin', pwd: process.env.MONGODB_KEY, roles: ['root'] })
  signIn()
}
if (administrator.getUser('doorbell') === null) {
  while (!db.hello().isWritablePrimary) sleep(200)
  load('/etc/doorbell/user.js')
}
print('it has the user doorbell')
