//! Tests of the flow crate: the process table of the domain as data, scripts of single records as
//! text, an exhaustive model of the small world, and properties of random histories.

#[cfg(test)]
mod clocks;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod ladder;
#[cfg(test)]
mod lights;
#[cfg(test)]
mod model;
#[cfg(test)]
mod process_table;
#[cfg(test)]
mod steps;
