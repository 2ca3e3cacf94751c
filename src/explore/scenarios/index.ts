export { mmReuse } from './mm-reuse'
export { spill } from './spill'
export { switchIn } from './switch-in'
export { twoFlushes } from './two-flushes'
