import { filter, map } from 'rxjs'
import { reopenedKey } from '../../../../src/streams/bucket.ts'
import { createMaintenanceLock } from '../../../../src/streams/maintenance-lock.ts'
import type { Leases } from '../../../../src/streams/leases.ts'
import type { Connection } from './connection.ts'
import type { Bucket } from './bucket.ts'
import type { StreamServer } from './server.ts'

/** Opens the bucket of the fleet as src/streams/leases.ts does. */
export const openLeases = (connection: Connection): Leases => {
  const at = <T>(work: (bucket: Bucket, server: StreamServer) => T) =>
    connection.request(server => {
      if (server.bucket === null) throw new Error('bucket not found')
      return work(server.bucket, server)
    })
  const write = <T>(work: (bucket: Bucket) => T) =>
    at((bucket, server) => {
      if (server.isOutOfSpace) throw new Error('no space')
      return work(bucket)
    })
  const announceChange = () => connection.send(server => server.broadcast('fleet', ''))
  const remove = async (key: string, upTo?: number): Promise<void> => {
    await at(bucket => bucket.purge(key, upTo))
    announceChange()
  }
  const leased = (partition: number, revision: number | null) => (revision === null ? null : { partition, revision })
  const joined = new Set<string>()
  const overtakenBy = async (writing: Promise<number | null>): Promise<number> => {
    const revision = await writing
    if (revision === null) throw overtaken
    return revision
  }

  return {
    beat: async worker => {
      await write(bucket => bucket.put(`worker.${worker}`, ''))
      if (!joined.has(worker)) announceChange()
      joined.add(worker)
    },
    workers: () => at(bucket => bucket.keys('worker.')),
    take: async (partition, worker) => {
      // The previous owners notice first that a lost bucket took their leases along.
      const create = (bucket: Bucket) =>
        bucket.get(reopenedKey) === null ? bucket.create(`partition.${partition}`, worker) : null
      const revision = await write(create)
      return leased(partition, revision)
    },
    renew: async ({ partition, revision }, worker) => {
      const next = await write(bucket => bucket.update(`partition.${partition}`, worker, revision))
      return leased(partition, next)
    },
    release: ({ partition, revision }) => remove(`partition.${partition}`, revision),
    leave: worker => remove(`worker.${worker}`),
    exclusively: createMaintenanceLock({
      kv: {
        create: key => overtakenBy(write(bucket => bucket.create(key, ''))),
        update: (key, _, revision) => overtakenBy(write(bucket => bucket.update(key, '', revision))),
      },
      unlessOvertaken: async writing => {
        try {
          return await writing()
        } catch (error) {
          if (error === overtaken) return null
          throw error
        }
      },
      remove,
      now: connection.now,
      wait: ms => new Promise(resolve => void connection.after(ms, () => resolve(undefined))),
    }),
    changes$: connection.signals$.pipe(
      filter(({ subject }) => subject === 'fleet'),
      map(() => undefined),
    ),
  }
}

const overtaken = new Error('another process wrote the key first')
