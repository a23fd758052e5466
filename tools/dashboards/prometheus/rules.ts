import { stringify } from 'yaml'
import { burnAlertsOf, causeAlerts } from './alerts.ts'
import { objectives, oldest, oldestOwn, oldestReceiver, recordOf, windows } from './objectives.ts'

/** The bad share in each window that an alert reads. */
const recordings = objectives.flatMap(objective =>
  windows.map(window => ({ record: recordOf(objective, window), expr: objective.badShare(window) })),
)

/** Prometheus evaluates the rules of a group in order, so each alert comes after the rules that it reads. */
const groups = [
  { name: 'doorbell-objectives', interval: '1m', rules: [...recordings, ...objectives.flatMap(burnAlertsOf)] },
  {
    name: 'doorbell-causes',
    rules: [{ record: oldest.own, expr: oldestOwn }, { record: oldest.receiver, expr: oldestReceiver }, ...causeAlerts],
  },
]

const heading = '# Written by `npm run generate` from tools/dashboards/prometheus/*.ts; change those.\n'

/** Prometheus’ rule file. */
export const rulesYaml = (): string => heading + stringify({ groups }, { lineWidth: 0 })
