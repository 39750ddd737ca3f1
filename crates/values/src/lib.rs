//! Value types of the field: money in fen, dates, deadlines, working days, region codes, identity numbers, masked text.
