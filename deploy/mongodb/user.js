// For mongosh, as an administrator: creates the user that Doorbell needs, with the smallest role.
const admin = db.getSiblingDB('admin')
admin.createRole({
  role: 'doorbell',
  privileges: [
    {
      resource: { db: 'doorbell', collection: '' },
      actions: [
        'find',
        'insert',
        'update',
        'remove',
        'changeStream',
        'listCollections',
        'listIndexes',
        'createCollection',
        'createIndex',
        'dropIndex',
        'collMod',
        'bypassDocumentValidation',
      ],
    },
  ],
  roles: [],
})
admin.createUser({ user: 'doorbell', pwd: process.env.MONGODB_PASSWORD ?? passwordPrompt(), roles: ['doorbell'] })
