//! The codebook: reads and checks the definitions of ledgers, flows, roles and parameters.
