export type { BrokerTraits } from "./broker/broker-test.ts";
export { type BrokerPlace, type BrokerProcess, testBroker } from "./broker-suite.ts";
export * from "./fixtures.ts";
export { type StoragePlace, testStorage } from "./storage-suite.ts";
export { type StorePlace, testStore } from "./store-suite.ts";
export type { TestFunctions } from "./test-functions.ts";
