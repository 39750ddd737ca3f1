//! Types that expressions have by their form: CEL's deduction, with type parameters.

use super::Program;
use super::value::CelError;
use crate::syntax::{Constant, Expression, ExpressionKind, operator};
use std::collections::BTreeMap;

/// A type of CEL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CelType {
    /// Anything.
    Dynamic,
    /// A plain type by its name: `int`, `null_type`, `google.protobuf.Timestamp`.
    Plain(String),
    /// List of a type.
    List(Box<CelType>),
    /// Map of two types.
    Map(Box<CelType>, Box<CelType>),
    /// A named type with parameters, such as `optional_type(int)`, or `type(int)`.
    Abstract(String, Vec<CelType>),
    /// A type parameter of a function.
    Parameter(String),
    /// A type not yet known.
    Open(usize),
}

/// Declared variables and functions.
#[derive(Clone, Debug, Default)]
pub struct Declarations {
    /// Variables by their whole names.
    pub variables: BTreeMap<String, CelType>,
    /// Functions: parameters and result of each form.
    pub functions: BTreeMap<String, Vec<(Vec<CelType>, CelType)>>,
    /// Container in which names are looked up first.
    pub container: String,
}

/// The type of a program. What stays open is dynamic.
///
/// # Errors
/// A name or function that is not declared, or arguments that no form takes.
pub fn type_of(program: &Program, declarations: &Declarations) -> Result<CelType, CelError> {
    let mut checker = Checker { declarations, locals: Vec::new(), bound: Vec::new() };
    let found = checker.of(&program.0)?;
    Ok(checker.closed(&found))
}

const OPTIONAL: &str = "optional_type";

fn plain(name: &str) -> CelType {
    CelType::Plain(name.to_owned())
}

fn list(of: CelType) -> CelType {
    CelType::List(Box::new(of))
}

fn optional(of: CelType) -> CelType {
    CelType::Abstract(OPTIONAL.to_owned(), vec![of])
}

struct Checker<'a> {
    declarations: &'a Declarations,
    locals: Vec<(String, CelType)>,
    /// What open types have turned out to be.
    bound: Vec<Option<CelType>>,
}

type Typed = Result<CelType, CelError>;

impl Checker<'_> {
    fn open(&mut self) -> CelType {
        self.bound.push(None);
        CelType::Open(self.bound.len() - 1)
    }

    /// The type with what is known of open ones on its outside.
    fn known(&self, ty: &CelType) -> CelType {
        match ty {
            CelType::Open(at) => match self.bound.get(*at) {
                Some(Some(bound)) => self.known(bound),
                _ => ty.clone(),
            },
            _ => ty.clone(),
        }
    }

    fn closed(&self, ty: &CelType) -> CelType {
        match self.known(ty) {
            CelType::Open(_) | CelType::Parameter(_) => CelType::Dynamic,
            CelType::List(of) => list(self.closed(&of)),
            CelType::Map(key, value) => {
                CelType::Map(Box::new(self.closed(&key)), Box::new(self.closed(&value)))
            }
            CelType::Abstract(name, of) => {
                CelType::Abstract(name, of.iter().map(|of| self.closed(of)).collect())
            }
            other => other,
        }
    }

    /// Whether the two can be one; opens are bound.
    fn meets(&mut self, left: &CelType, right: &CelType) -> bool {
        let (left, right) = (self.known(left), self.known(right));
        match (&left, &right) {
            _ if left == right => true,
            (CelType::Open(at), other) | (other, CelType::Open(at)) => self.bind(*at, other),
            (CelType::Dynamic, _) | (_, CelType::Dynamic) => true,
            (CelType::Plain(name), other) | (other, CelType::Plain(name))
                if name == "null_type" =>
            {
                is_nullable(other)
            }
            (CelType::List(left), CelType::List(right)) => self.meets(left, right),
            (CelType::Map(key, value), CelType::Map(other_key, other_value)) => {
                self.meets(key, other_key) && self.meets(value, other_value)
            }
            (CelType::Abstract(name, of), CelType::Abstract(other_name, other)) => {
                name == other_name
                    && of.len() == other.len()
                    && of.iter().zip(other).all(|(left, right)| self.meets(left, right))
            }
            _ => false,
        }
    }

    fn bind(&mut self, at: usize, ty: &CelType) -> bool {
        if self.holds(ty, at) {
            return false;
        }
        if let Some(slot) = self.bound.get_mut(at) {
            *slot = Some(ty.clone());
        }
        true
    }

    /// Whether an open type stands inside another.
    fn holds(&self, ty: &CelType, at: usize) -> bool {
        match self.known(ty) {
            CelType::Open(other) => other == at,
            CelType::List(of) => self.holds(&of, at),
            CelType::Map(key, value) => self.holds(&key, at) || self.holds(&value, at),
            CelType::Abstract(_, of) => of.iter().any(|of| self.holds(of, at)),
            _ => false,
        }
    }

    /// The more general of two types that meet.
    fn general(&self, left: &CelType, right: &CelType) -> CelType {
        match (self.known(left), self.known(right)) {
            (CelType::Dynamic, _) | (_, CelType::Dynamic) => CelType::Dynamic,
            (CelType::Plain(name), other) | (other, CelType::Plain(name))
                if name == "null_type" =>
            {
                other
            }
            (CelType::List(left), CelType::List(right)) => list(self.general(&left, &right)),
            (CelType::Map(key, value), CelType::Map(other_key, other_value)) => CelType::Map(
                Box::new(self.general(&key, &other_key)),
                Box::new(self.general(&value, &other_value)),
            ),
            (CelType::Abstract(name, of), CelType::Abstract(_, other)) => {
                let of = of.iter().zip(&other).map(|(left, right)| self.general(left, right));
                CelType::Abstract(name, of.collect())
            }
            (left, _) => left,
        }
    }

    /// One type for several: the most general if they meet, else anything.
    fn joined(&mut self, types: Vec<CelType>) -> CelType {
        let mut joined: Option<CelType> = None;
        for ty in types {
            joined = Some(match joined {
                None => ty,
                Some(before) if self.meets(&before, &ty) => self.general(&before, &ty),
                Some(_) => CelType::Dynamic,
            });
        }
        joined.unwrap_or_else(|| self.open())
    }

    fn of(&mut self, expression: &Expression) -> Typed {
        match &expression.kind {
            ExpressionKind::Literal(constant) => Ok(constant_type(constant)),
            ExpressionKind::Name(name) => self.name(name),
            ExpressionKind::Select { operand, field } => {
                if let Some(found) = whole_name(expression).and_then(|name| self.name(&name).ok()) {
                    return Ok(found);
                }
                let operand = self.of(operand)?;
                self.selected(&operand, field)
            }
            ExpressionKind::List(items) => {
                let mut types = Vec::new();
                for (item, is_optional) in items {
                    let found = self.of(item)?;
                    types.push(if *is_optional { self.inside(&found) } else { found });
                }
                Ok(list(self.joined(types)))
            }
            ExpressionKind::Map(entries) => {
                let (mut keys, mut values) = (Vec::new(), Vec::new());
                for (key, value, is_optional) in entries {
                    keys.push(self.of(key)?);
                    let found = self.of(value)?;
                    values.push(if *is_optional { self.inside(&found) } else { found });
                }
                let (key, value) = (self.joined(keys), self.joined(values));
                Ok(CelType::Map(Box::new(key), Box::new(value)))
            }
            ExpressionKind::Message { name, .. } => Ok(plain(name)),
            ExpressionKind::Call { target, name, args } => self.call(target.as_deref(), name, args),
        }
    }

    /// What an optional holds.
    fn inside(&self, ty: &CelType) -> CelType {
        match self.known(ty) {
            CelType::Abstract(name, of) if name == OPTIONAL => {
                of.into_iter().next().unwrap_or(CelType::Dynamic)
            }
            _ => CelType::Dynamic,
        }
    }

    fn name(&self, name: &str) -> Typed {
        let local = self.locals.iter().rev().find(|(known, _)| known == name);
        if let Some((_, ty)) = local {
            return Ok(ty.clone());
        }
        let name = name.strip_prefix('.').unwrap_or(name);
        let container = &self.declarations.container;
        let qualified = format!("{container}.{name}");
        let variables = &self.declarations.variables;
        if let Some(ty) = variables.get(&qualified).or_else(|| variables.get(name)) {
            return Ok(ty.clone());
        }
        let types = ["bool", "int", "uint", "double", "string", "bytes", "null_type", "type"];
        if types.contains(&name) {
            return Ok(CelType::Abstract("type".to_owned(), vec![plain(name)]));
        }
        Err(CelError(format!("undeclared reference to '{name}'")))
    }

    fn selected(&mut self, operand: &CelType, field: &str) -> Typed {
        match self.known(operand) {
            CelType::Map(_, value) => Ok(*value),
            CelType::Dynamic => Ok(CelType::Dynamic),
            CelType::Open(at) => {
                self.bind(at, &CelType::Dynamic);
                Ok(CelType::Dynamic)
            }
            CelType::Abstract(name, of) if name == OPTIONAL => {
                let inside = of.first().cloned().unwrap_or(CelType::Dynamic);
                Ok(optional(self.selected(&inside, field)?))
            }
            _ => Err(CelError(format!("undefined field '{field}'"))),
        }
    }

    fn indexed(&mut self, operand: &CelType) -> CelType {
        match self.known(operand) {
            CelType::List(of) => *of,
            CelType::Map(_, value) => *value,
            CelType::Abstract(name, of) if name == OPTIONAL => {
                let inside = of.first().cloned().unwrap_or(CelType::Dynamic);
                optional(self.indexed(&inside))
            }
            _ => CelType::Dynamic,
        }
    }

    fn call(&mut self, target: Option<&Expression>, name: &str, args: &[Expression]) -> Typed {
        if let Some(found) = self.macro_type(target, name, args) {
            return found;
        }
        let mut types = Vec::new();
        for arg in target.into_iter().chain(args) {
            if !matches!(&arg.kind, ExpressionKind::Name(name) if name == "optional") {
                types.push(self.of(arg)?);
            }
        }
        if let Some(found) = self.declared(name, &types) {
            return found;
        }
        match (name, types.as_slice()) {
            (operator::CONDITIONAL, [_, then, otherwise]) => {
                Ok(self.joined(vec![then.clone(), otherwise.clone()]))
            }
            (operator::INDEX, [operand, _]) => Ok(self.indexed(operand)),
            (operator::OPTIONAL_INDEX, [operand, _]) => Ok(match self.indexed(operand) {
                already @ CelType::Abstract(..) => already,
                found => optional(found),
            }),
            (operator::OPTIONAL_SELECT, [operand, _]) => Ok(match self.selected(operand, "")? {
                already @ CelType::Abstract(..) => already,
                found => optional(found),
            }),
            (operator::NEGATE, [one]) => Ok(one.clone()),
            ("_+_" | "_-_" | "_*_" | "_/_" | "_%_", [left, right]) => {
                Ok(self.arithmetic(name, left, right))
            }
            _ => self.standard(name, &types),
        }
    }

    fn arithmetic(&mut self, name: &str, left: &CelType, right: &CelType) -> CelType {
        let (timestamp, duration) =
            (plain("google.protobuf.Timestamp"), plain("google.protobuf.Duration"));
        let (left, right) = (self.known(left), self.known(right));
        if name == "_-_" && left == timestamp && right == timestamp {
            return duration;
        }
        if left == timestamp || right == timestamp {
            return timestamp;
        }
        self.joined(vec![left, right])
    }

    fn standard(&mut self, name: &str, types: &[CelType]) -> Typed {
        let is_truth = matches!(
            name,
            "startsWith" | "endsWith" | "contains" | "matches" | "bool" | "hasValue" | "has"
        ) || name == operator::IN
            || name == operator::NOT
            || matches!(name, "_&&_" | "_||_" | "_==_" | "_!=_" | "_<_" | "_<=_" | "_>_" | "_>=_");
        if is_truth {
            return Ok(plain("bool"));
        }
        match (name, types) {
            ("size" | "int", _) => Ok(plain("int")),
            ("uint" | "double" | "string" | "bytes", _) => Ok(plain(name)),
            ("timestamp", _) => Ok(plain("google.protobuf.Timestamp")),
            ("duration", _) => Ok(plain("google.protobuf.Duration")),
            ("dyn", _) => Ok(CelType::Dynamic),
            ("type", [of]) => Ok(CelType::Abstract("type".to_owned(), vec![of.clone()])),
            ("of" | "ofNonZeroValue", [of]) => Ok(optional(of.clone())),
            ("none", []) => {
                let of = self.open();
                Ok(optional(of))
            }
            ("value", [of]) => Ok(self.inside(of)),
            ("or", [left, right]) => Ok(self.joined(vec![left.clone(), right.clone()])),
            ("orValue", [left, right]) => {
                let inside = self.inside(left);
                Ok(self.joined(vec![inside, right.clone()]))
            }
            (_, [_, ..]) if name.starts_with("get") => Ok(plain("int")),
            _ => Err(CelError(format!("undeclared reference to '{name}'"))),
        }
    }

    /// A declared function: the result of the form that takes the arguments.
    fn declared(&mut self, name: &str, types: &[CelType]) -> Option<Typed> {
        let forms = self.declarations.functions.get(name)?;
        for (parameters, result) in forms {
            let before = self.bound.clone();
            let mut opened = BTreeMap::new();
            let parameters: Vec<CelType> =
                parameters.iter().map(|parameter| self.fresh(parameter, &mut opened)).collect();
            let is_match = parameters.len() == types.len()
                && parameters.iter().zip(types).all(|(parameter, ty)| self.meets(parameter, ty));
            if is_match {
                return Some(Ok(self.fresh(result, &mut opened)));
            }
            self.bound = before;
        }
        Some(Err(CelError(format!("found no matching overload for '{name}'"))))
    }

    /// A type with open types in place of its parameters.
    fn fresh(&mut self, ty: &CelType, opened: &mut BTreeMap<String, CelType>) -> CelType {
        match ty {
            CelType::Parameter(name) => {
                if let Some(known) = opened.get(name) {
                    return known.clone();
                }
                let open = self.open();
                opened.insert(name.clone(), open.clone());
                open
            }
            CelType::List(of) => list(self.fresh(of, opened)),
            CelType::Map(key, value) => {
                CelType::Map(Box::new(self.fresh(key, opened)), Box::new(self.fresh(value, opened)))
            }
            CelType::Abstract(name, of) => {
                let of = of.iter().map(|of| self.fresh(of, opened)).collect();
                CelType::Abstract(name.clone(), of)
            }
            other => other.clone(),
        }
    }

    /// The type of a macro; `None` if the call is none.
    fn macro_type(
        &mut self,
        target: Option<&Expression>,
        name: &str,
        args: &[Expression],
    ) -> Option<Typed> {
        let target = target?;
        let is_macro = matches!(
            name,
            "all"
                | "exists"
                | "exists_one"
                | "existsOne"
                | "filter"
                | "map"
                | "optMap"
                | "optFlatMap"
        );
        let variable = match args.first().map(|arg| &arg.kind) {
            Some(ExpressionKind::Name(name)) if is_macro => name.clone(),
            _ => return None,
        };
        let body = args.get(1..)?.last()?;
        Some(self.macro_of(target, name, variable, body))
    }

    fn macro_of(
        &mut self,
        target: &Expression,
        name: &str,
        variable: String,
        body: &Expression,
    ) -> Typed {
        let over = self.of(target)?;
        let item = match self.known(&over) {
            CelType::List(of) => *of,
            CelType::Map(key, _) => *key,
            CelType::Abstract(_, of) => of.first().cloned().unwrap_or(CelType::Dynamic),
            _ => CelType::Dynamic,
        };
        self.locals.push((variable, item));
        let found = self.of(body);
        self.locals.pop();
        let found = found?;
        Ok(match name {
            "filter" => over,
            "map" => list(found),
            "optMap" => optional(found),
            "optFlatMap" => found,
            _ => plain("bool"),
        })
    }
}

/// Null may stand for messages, times and named types.
fn is_nullable(ty: &CelType) -> bool {
    match ty {
        CelType::Abstract(..) => true,
        CelType::Plain(name) => name.contains('.'),
        _ => false,
    }
}

fn whole_name(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Name(name) => Some(name.clone()),
        ExpressionKind::Select { operand, field } => {
            Some(format!("{}.{field}", whole_name(operand)?))
        }
        _ => None,
    }
}

fn constant_type(constant: &Constant) -> CelType {
    plain(match constant {
        Constant::Null => "null_type",
        Constant::Boolean(_) => "bool",
        Constant::Integer(_) => "int",
        Constant::Unsigned(_) => "uint",
        Constant::Double(_) => "double",
        Constant::Text(_) => "string",
        Constant::Bytes(_) => "bytes",
    })
}
