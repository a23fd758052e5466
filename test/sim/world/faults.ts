import type { Timeline } from '../time/timeline.ts'
import type { Fault } from './plan.ts'
import type { Process } from './processes.ts'
import type { Servers } from './servers.ts'
import type { Trace } from './trace.ts'

interface Ports {
  readonly timeline: Timeline
  readonly processes: ReadonlyMap<string, Process>
  readonly servers: Servers
  readonly trace: Trace
}

/** Carries out a fault. The result ends it. */
export const breakSomething = ({ processes, servers, trace }: Ports, fault: Fault): (() => void) => {
  const nothing = () => undefined
  if ('process' in fault) {
    const process = processes.get(fault.process)
    return process === undefined ? nothing : breakProcess(process, fault, trace)
  }
  switch (fault.type) {
    case 'failover':
      trace.note('mongod', `elects another primary, which takes ${fault.forMs} ms`)
      servers.failover(fault.forMs)
      return nothing
    case 'natsRestart':
      trace.note('nats', `restarts, which takes ${fault.forMs} ms`)
      servers.restartNats(fault.forMs)
      return nothing
    case 'streamFull':
      trace.note('nats', 'the stream is full')
      servers.fillStream(true)
      return () => {
        trace.note('nats', 'the stream has room again')
        servers.fillStream(false)
      }
    case 'poison':
      trace.note('outside', `publishes a bad message (${fault.form}) for ${fault.tenant}`)
      servers.publishRaw(...poisonOf(fault.tenant, fault.form, `poison-${fault.at}`))
      return nothing
  }
}

type FaultOfProcess = Extract<Fault, { readonly process: string }>

const breakProcess = (process: Process, fault: FaultOfProcess, trace: Trace): (() => void) => {
  switch (fault.type) {
    case 'kill':
      if (process.life() === null) return () => undefined
      process.kill(fault.how)
      return () => void (process.life() === null && process.start())
    case 'restart':
      return restart(process)
    case 'pause':
      process.pause()
      return () => process.resume()
    case 'cut':
      trace.note(process.name, `is cut off from ${fault.server} (${fault.how})`)
      process.link(fault.server, { cut: fault.how })
      return () => {
        trace.note(process.name, `reaches ${fault.server} again`)
        process.link(fault.server, { cut: null })
      }
    case 'delay':
      trace.note(process.name, `its way to ${fault.server} takes ${fault.ms} ms longer`)
      process.link(fault.server, { delayMs: fault.ms })
      return () => process.link(fault.server, { delayMs: 0 })
    case 'loseAnswers':
      trace.note(process.name, `loses ${fault.count} answers of ${fault.server}`)
      process.life()?.servers.loseAnswers(fault.server, fault.count)
      // No single answer gets lost over TCP: the connection breaks with it.
      return () => {
        process.life()?.servers.loseAnswers(fault.server, 0)
        process.link(fault.server, { cut: 'closed' })
        process.link(fault.server, { cut: null })
      }
    case 'skew':
      trace.note(process.name, `its clock is ${fault.ms} ms off`)
      process.skew(fault.ms)
      return () => process.skew(0)
  }
}

/** A process that was asked to stop starts again as soon as it has ended. */
const restart = (process: Process): (() => void) => {
  void process.stop().then(() => process.life() === null && process.start())
  return () => undefined
}

/** What a publisher of the platform may do wrong. */
const poisonOf = (tenant: string, form: (Fault & { type: 'poison' })['form'], id: string): [string, Uint8Array] => {
  const type = 'visit.checked_in'
  const data = { visitor: { id: 'p', firstName: 'A', lastName: 'B' }, host: { id: 'h', name: 'H' }, site: 'ghent' }
  const event = { id, type, visitId: 'v0', timestamp: '2026-01-05T08:00:00Z', data }
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  const subject = `visits.in.${tenant}.${type}`
  switch (form) {
    case 'tenant':
      return [`visits.in.${tenant.toUpperCase()}.${type}`, bytes(event)]
    case 'json':
      return [subject, new TextEncoder().encode('{"id":')]
    case 'utf8':
      return [subject, new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])]
    case 'schema':
      return [subject, bytes({ ...event, data: {} })]
    case 'type':
      return [`visits.in.${tenant}.visit.unknown`, bytes({ ...event, type: 'visit.unknown' })]
  }
}
