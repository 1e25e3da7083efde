// A loaded model in Vue's state, with Vue's own types.
import { reactive, ref, shallowReactive, shallowRef, type Ref } from "vue";
import { loadDetector, type Detector } from "./detector.js";
import { loadDigits, type Digits } from "./digits.js";

export async function kept(): Promise<(Digits | undefined)[]> {
  const shallow = shallowRef<Digits>();
  const state = shallowReactive({ digits: await loadDigits() });
  shallow.value = state.digits;
  return [shallow.value, state.digits];
}

/** These fit where the project has told Vue's types of models, as docs/loaders.md says. */
export async function told(): Promise<[(Digits | null | undefined)[], Detector | undefined]> {
  const empty = ref<Digits>();
  const nothing = ref<Digits | null>(null);
  const digits = ref(await loadDigits());
  const declared: Ref<Digits | undefined> = ref();
  const state = reactive({ digits: await loadDigits(), all: [] as Digits[] });
  const detector = ref<Detector>();
  detector.value = await loadDetector();
  empty.value = nothing.value = declared.value = digits.value = state.digits;
  return [[empty.value, nothing.value, digits.value, declared.value, state.digits, ...state.all], detector.value];
}
