//! Turns a household into the records of its ledgers.

pub(crate) mod case;
mod files;
pub(crate) mod home_life;
mod household;
pub(crate) mod lists;
mod support;
pub(crate) mod work;

use crate::ids::VillageIds;
use crate::money;
use crate::place::Village;
use crate::tree::Tree;

/// Makes all records of a household.
pub(crate) fn all(tree: &mut Tree, village: &Village) {
    let ids = VillageIds::of(village);
    let township = VillageIds::township(village.township);
    money::temper(&mut tree.home);
    let benefits = money::benefits(&mut tree.random, &tree.home);
    let income = money::income(&mut tree.random, &tree.calendar, &tree.home, &benefits);
    let per_head = income.per_head(tree.home.count());
    household::household(tree, ids, &income);
    household::people(tree);
    let self_pay = home_life::health(tree);
    household::incomes(tree, &income, self_pay);
    household::payments(tree, &benefits);
    case::case(tree, &income);
    work::all(tree, ids);
    home_life::house(tree);
    home_life::water(tree, ids);
    home_life::school(tree, township);
    support::low_income(tree, ids, &benefits, per_head);
    support::loan(tree);
    support::industry(tree, ids, village.township_code());
    support::relocation(tree);
    support::points(tree, ids);
    support::dividend(tree, ids);
    files::all(tree);
    lists::all(tree);
}
