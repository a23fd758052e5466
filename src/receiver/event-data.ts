// Written by `npm run generate` from config/event-types. Change it there.

interface Visitor {
  /** Stable id of the visitor */
  readonly id: string
  /** First name */
  readonly firstName: string
  /** Last name */
  readonly lastName: string
  /** E-mail address */
  readonly email?: string
  /** Phone number */
  readonly phone?: string
  /** The visitor’s company */
  readonly company?: string
}

interface Host {
  /** Stable id of the host */
  readonly id: string
  /** The host’s name */
  readonly name: string
  /** E-mail address */
  readonly email?: string
}

/** The form of `data` for each `type`. Ignore fields and types that you do not know: more may be added. */
export interface EventData {
  /** A visit was planned. */
  readonly 'visit.created': {
    /** The visitor */
    readonly visitor: Visitor
    /** The person who is visited */
    readonly host: Host
    /** Id or name of the location */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
  }
  /** A planned visit was changed: its time, its host or its place. */
  readonly 'visit.updated': {
    /** The visitor */
    readonly visitor: Visitor
    /** The person who is visited */
    readonly host: Host
    /** Id or name of the location */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
  }
  /** A planned visit will not take place. */
  readonly 'visit.cancelled': {
    /** The visitor */
    readonly visitor: Visitor
    /** The person who is visited */
    readonly host: Host
    /** Id or name of the location */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
    /** Reason */
    readonly reason?: string
  }
  /** The visitor has arrived and checked in at a front desk. */
  readonly 'visit.checked_in': {
    /** The visitor */
    readonly visitor: Visitor
    /** The person who is visited */
    readonly host: Host
    /** Id or name of the location */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
    /** When the visitor checked in; RFC 3339 */
    readonly checkedInAt: string
    /** Front desk or entrance */
    readonly entrance?: string
    /** Number of the badge */
    readonly badge?: string
  }
  /** The visitor has left. An automatic check-out sends the same event with a reason. */
  readonly 'visit.checked_out': {
    /** The visitor */
    readonly visitor: Visitor
    /** The person who is visited */
    readonly host: Host
    /** Id or name of the location */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
    /** When the visitor checked out; RFC 3339 */
    readonly checkedOutAt: string
    /** Reason, if the visitor was not checked out by hand, e.g. automatic */
    readonly reason?: string
  }
  /** No delivery of a subscription has succeeded for 1 h, then 24 h, then 72 h; after 5 days it is disabled */
  readonly 'webhook.subscription.failing': {
    /** The subscription that the event is about */
    readonly subscriptionId: string
    /** First failure since the last delivery that succeeded; RFC 3339 */
    readonly failingSince: string
    /** Outcome of the last attempt, and what to check */
    readonly reason: string
  }
  /** A subscription was disabled after 5 days of failure, or because its endpoint answered 410 twice in a row */
  readonly 'webhook.subscription.disabled': {
    /** The subscription that the event is about */
    readonly subscriptionId: string
    /** First failure since the last delivery that succeeded; RFC 3339 */
    readonly failingSince: string
    /** Outcome of the last attempt, and what to check */
    readonly reason: string
  }
  /** A subscription that was failing delivers again */
  readonly 'webhook.subscription.recovered': {
    /** The subscription that the event is about */
    readonly subscriptionId: string
  }
  /** The last attempt of a delivery failed, and the delivery is dead; it can be resent */
  readonly 'webhook.delivery.exhausted': {
    /** The subscription that the event is about */
    readonly subscriptionId: string
    readonly deliveryId: string
    readonly eventId: string
    readonly visitId: string
    readonly eventType: string
    readonly attempts: number
  }
}
