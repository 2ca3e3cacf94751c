import { cheetah, cheetahPlus, jalapeno } from './cheetah'
import type { MmuModel } from './model'
import { spitfire } from './spitfire'

export type MmuModelName = 'spitfire' | 'cheetah' | 'cheetah-plus' | 'jalapeno'

/** All models by name. */
export const MMU_MODELS: Readonly<Record<MmuModelName, MmuModel>> = {
  spitfire,
  cheetah,
  'cheetah-plus': cheetahPlus,
  jalapeno,
}
