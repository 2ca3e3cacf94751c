export { LITMUS_TESTS, LitmusError, type LitmusTest, litmusNamed } from './litmus-test'
export { type LitmusOptions, type LitmusResult, runLitmus } from './run-litmus'
