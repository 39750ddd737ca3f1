//! Macros over lists and maps, with one and two variables.

use super::evaluate::Evaluator;
use super::value::{CelError, Evaluated, Value, error, lookup, no_overload};
use crate::syntax::{Expression, ExpressionKind};

/// Items of a list or map as pairs: position and item, key and value. With one variable the item,
/// or the key, is what it stands for.
type Pairs = Vec<(Value, Value)>;

impl Evaluator<'_> {
    /// The result of a macro; `None` if the call is none.
    pub(crate) fn macro_call(
        &mut self,
        target: Option<&Expression>,
        name: &str,
        args: &[Expression],
    ) -> Option<Evaluated> {
        let target = target?;
        let variable = |at: usize| match &args.get(at)?.kind {
            ExpressionKind::Name(name) => Some(name.clone()),
            _ => None,
        };
        let is_conditional =
            matches!(name, "all" | "exists" | "exists_one" | "existsOne" | "filter");
        match (name, args) {
            (_, [_, body]) if is_conditional => {
                let names = [variable(0)?];
                Some(self.over(target, name, &names, None, body))
            }
            (_, [_, _, body]) if is_conditional && name != "filter" => {
                let names = [variable(0)?, variable(1)?];
                Some(self.over(target, name, &names, None, body))
            }
            ("map", [_, body]) => Some(self.over(target, name, &[variable(0)?], None, body)),
            ("map", [_, filter, body]) => {
                Some(self.over(target, name, &[variable(0)?], Some(filter), body))
            }
            ("transformList" | "transformMap" | "transformMapEntry", [_, _, body]) => {
                let names = [variable(0)?, variable(1)?];
                Some(self.over(target, name, &names, None, body))
            }
            ("transformList" | "transformMap" | "transformMapEntry", [_, _, filter, body]) => {
                let names = [variable(0)?, variable(1)?];
                Some(self.over(target, name, &names, Some(filter), body))
            }
            _ => None,
        }
    }

    fn over(
        &mut self,
        target: &Expression,
        name: &str,
        names: &[String],
        filter: Option<&Expression>,
        body: &Expression,
    ) -> Evaluated {
        let is_map;
        let pairs: Pairs = match self.value(target)? {
            Value::List(items) => {
                is_map = false;
                let positions = (0i64..).map(Value::Integer);
                positions.zip(items).collect()
            }
            Value::Map(entries) => {
                is_map = true;
                entries
            }
            _ => return no_overload(),
        };
        match name {
            "all" => self.junction_over(pairs, is_map, names, body, false),
            "exists" => self.junction_over(pairs, is_map, names, body, true),
            "exists_one" | "existsOne" => {
                let mut count = 0;
                for pair in pairs {
                    count += usize::from(self.truth_with(&pair, is_map, names, body)?);
                }
                Ok(Value::Boolean(count == 1))
            }
            _ => self.made_over(name, pairs, is_map, names, filter, body),
        }
    }

    /// Whichever item decides; else the last error.
    fn junction_over(
        &mut self,
        pairs: Pairs,
        is_map: bool,
        names: &[String],
        body: &Expression,
        end: bool,
    ) -> Evaluated {
        let mut last: Result<bool, CelError> = Ok(!end);
        for pair in pairs {
            match self.truth_with(&pair, is_map, names, body) {
                Ok(truth) if truth == end => return Ok(Value::Boolean(end)),
                Ok(_) => {}
                Err(cause) => last = Err(cause),
            }
        }
        last.map(Value::Boolean)
    }

    fn made_over(
        &mut self,
        name: &str,
        pairs: Pairs,
        is_map: bool,
        names: &[String],
        filter: Option<&Expression>,
        body: &Expression,
    ) -> Evaluated {
        let mut items = Vec::new();
        let mut entries: Pairs = Vec::new();
        for pair in pairs {
            if let Some(filter) = filter
                && !self.truth_with(&pair, is_map, names, filter)?
            {
                continue;
            }
            match name {
                "filter" => {
                    if self.truth_with(&pair, is_map, names, body)? {
                        items.push(if is_map { pair.0 } else { pair.1 });
                    }
                }
                "map" | "transformList" => items.push(self.with(&pair, is_map, names, body)?),
                "transformMap" => {
                    let value = self.with(&pair, is_map, names, body)?;
                    entries.push((pair.0, value));
                }
                _ => match self.with(&pair, is_map, names, body)? {
                    Value::Map(made) => {
                        for (key, value) in made {
                            if lookup(&entries, &key).is_some() {
                                return error("insert failed: key already exists");
                            }
                            entries.push((key, value));
                        }
                    }
                    _ => return no_overload(),
                },
            }
        }
        let makes_map = matches!(name, "transformMap" | "transformMapEntry");
        Ok(if makes_map { Value::Map(entries) } else { Value::List(items) })
    }

    fn truth_with(
        &mut self,
        pair: &(Value, Value),
        is_map: bool,
        names: &[String],
        body: &Expression,
    ) -> Result<bool, CelError> {
        match self.with(pair, is_map, names, body)? {
            Value::Boolean(truth) => Ok(truth),
            _ => no_overload(),
        }
    }

    fn with(
        &mut self,
        pair: &(Value, Value),
        is_map: bool,
        names: &[String],
        body: &Expression,
    ) -> Evaluated {
        let depth = self.locals.len();
        match names {
            [one] => {
                let value = if is_map { &pair.0 } else { &pair.1 };
                self.locals.push((one.clone(), value.clone()));
            }
            [first, second, ..] => {
                self.locals.push((first.clone(), pair.0.clone()));
                self.locals.push((second.clone(), pair.1.clone()));
            }
            [] => {}
        }
        let value = self.value(body);
        self.locals.truncate(depth);
        value
    }

    /// A body with one local name.
    pub(crate) fn with_local(&mut self, name: &str, value: Value, body: &Expression) -> Evaluated {
        self.locals.push((name.to_owned(), value));
        let result = self.value(body);
        self.locals.pop();
        result
    }
}
