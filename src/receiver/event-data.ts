// Made by `npm run generate` from config/event-types. Change it there.

/** What `data` tells, by `type`. Further fields and further types may come: ignore what you do not know. */
export interface EventData {
  /** A visit was planned. */
  readonly 'visit.created': {
    /** Who visits */
    readonly visitor: {
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
    /** Who is visited */
    readonly host: {
      /** Stable id of the host */
      readonly id: string
      /** The host’s name */
      readonly name: string
      /** E-mail address */
      readonly email?: string
    }
    /** Where: the location’s id or name */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
  }
  /** A planned visit was changed: its time, its host or its place. */
  readonly 'visit.updated': {
    /** Who visits */
    readonly visitor: {
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
    /** Who is visited */
    readonly host: {
      /** Stable id of the host */
      readonly id: string
      /** The host’s name */
      readonly name: string
      /** E-mail address */
      readonly email?: string
    }
    /** Where: the location’s id or name */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
  }
  /** A planned visit will not take place. */
  readonly 'visit.cancelled': {
    /** Who visits */
    readonly visitor: {
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
    /** Who is visited */
    readonly host: {
      /** Stable id of the host */
      readonly id: string
      /** The host’s name */
      readonly name: string
      /** E-mail address */
      readonly email?: string
    }
    /** Where: the location’s id or name */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
    /** Why */
    readonly reason?: string
  }
  /** The visitor has arrived and checked in at a front desk. */
  readonly 'visit.checked_in': {
    /** Who visits */
    readonly visitor: {
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
    /** Who is visited */
    readonly host: {
      /** Stable id of the host */
      readonly id: string
      /** The host’s name */
      readonly name: string
      /** E-mail address */
      readonly email?: string
    }
    /** Where: the location’s id or name */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
    /** When the visitor checked in; RFC 3339 */
    readonly checkedInAt: string
    /** Which front desk */
    readonly entrance?: string
    /** Number of the badge */
    readonly badge?: string
  }
  /** The visitor has left. An automatic check-out sends the same event with a reason. */
  readonly 'visit.checked_out': {
    /** Who visits */
    readonly visitor: {
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
    /** Who is visited */
    readonly host: {
      /** Stable id of the host */
      readonly id: string
      /** The host’s name */
      readonly name: string
      /** E-mail address */
      readonly email?: string
    }
    /** Where: the location’s id or name */
    readonly site: string
    /** When the visit was planned to begin; RFC 3339 */
    readonly scheduledAt?: string
    /** When the visitor checked out; RFC 3339 */
    readonly checkedOutAt: string
    /** Why, when nobody checked the visitor out by hand, e.g. automatic */
    readonly reason?: string
  }
  /** No delivery of a subscription has succeeded for 1 h, then 24 h, then 72 h; after 5 days it is disabled */
  readonly 'webhook.subscription.failing': {
    /** The subscription it is about */
    readonly subscriptionId: string
    /** First failure since the last delivery that succeeded; RFC 3339 */
    readonly failingSince: string
    /** What the last attempt met, and what to look at */
    readonly reason: string
  }
  /** A subscription was disabled after 5 days of failure, or since its endpoint answered 410 twice */
  readonly 'webhook.subscription.disabled': {
    /** The subscription it is about */
    readonly subscriptionId: string
    /** First failure since the last delivery that succeeded; RFC 3339 */
    readonly failingSince: string
    /** What the last attempt met, and what to look at */
    readonly reason: string
  }
  /** A subscription that was failing delivers again */
  readonly 'webhook.subscription.recovered': {
    /** The subscription it is about */
    readonly subscriptionId: string
  }
  /** A delivery failed at its last attempt and is dead; it can be sent again */
  readonly 'webhook.delivery.exhausted': {
    /** The subscription it is about */
    readonly subscriptionId: string
    readonly deliveryId: string
    readonly eventId: string
    readonly visitId: string
    readonly eventType: string
    readonly attempts: number
  }
}
