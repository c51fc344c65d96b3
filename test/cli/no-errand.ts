// A module that exports something, and no errand.
export const answer = 42;
