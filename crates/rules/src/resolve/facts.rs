//! Functions of sensitive fields: what may be known without showing the value.

use super::Resolver;
use super::operators::node;
use crate::faults::RuleFault;
use crate::functions::Function;
use crate::ir::{Fact, Kind, Node, Type};
use crate::syntax::{Expression, ExpressionKind};
use taizhang_values::RegionLevel;

/// Name, fact, class of the field, and type.
const FACTS: [(&str, Fact, &str, Type); 10] = [
    ("id_valid", Fact::Valid, "identity", Type::Boolean),
    ("id_length", Fact::Length, "identity", Type::Integer),
    ("id_birth", Fact::Birth, "identity", Type::Date),
    ("id_sex", Fact::Sex, "identity", Type::Code(None)),
    ("id_region", Fact::Region, "identity", Type::Region),
    ("id_class", Fact::Class, "identity", Type::Integer),
    ("id_level", Fact::Level, "identity", Type::Integer),
    ("id_placeholder", Fact::Placeholder, "identity", Type::Boolean),
    ("id_holder_valid", Fact::Holder, "identity", Type::Boolean),
    ("phone_valid", Fact::Valid, "phone", Type::Boolean),
];

/// Words of levels of the region tree to which a code can be cut.
pub(crate) const LEVELS: [(&str, RegionLevel); 5] = [
    ("province", RegionLevel::Province),
    ("prefecture", RegionLevel::Prefecture),
    ("county", RegionLevel::County),
    ("township", RegionLevel::Township),
    ("village", RegionLevel::Village),
];

impl Resolver<'_> {
    /// A function of sensitive fields or regions; the outer `None` if the name is none of them.
    pub(super) fn fact_function(
        &self,
        name: &str,
        args: &[&Expression],
        expression: &Expression,
    ) -> Option<Option<Node>> {
        if let Some((_, fact, class, ty)) = FACTS.iter().find(|(known, ..)| *known == name) {
            let [arg] = args else {
                self.wrong_arguments(name, expression);
                return Some(None);
            };
            return Some(self.fact(name, *fact, class, ty, arg, expression));
        }
        match (name, args) {
            ("under", [region, holder]) => Some(self.under(region, holder, expression)),
            ("region_at", [region, level]) => Some(self.region_at(region, level, expression)),
            ("under" | "region_at", _) => {
                self.wrong_arguments(name, expression);
                Some(None)
            }
            _ => None,
        }
    }

    fn fact(
        &self,
        name: &str,
        fact: Fact,
        class: &str,
        ty: &Type,
        arg: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let value = self.value(arg)?;
        match (value.kind, &value.ty) {
            (Kind::IdentityFact { row, field, .. }, Type::Key(found)) if found == class => {
                let ty = match fact {
                    Fact::Sex => Type::Code(self.sex_list()),
                    _ => ty.clone(),
                };
                Some(node(Kind::IdentityFact { row, field, fact }, ty, expression))
            }
            _ => {
                let (zh, en) = match class {
                    "phone" => ("电话字段", "a telephone field"),
                    _ => ("证件号码字段", "an identity number field"),
                };
                self.fault(
                    RuleFault::Arguments,
                    &arg.span,
                    format!("`{name}`要写{zh}"),
                    format!("`{name}` wants {en}"),
                );
                None
            }
        }
    }

    /// The codebook's list of sexes, if it has one with the words of [`Fact::Sex`].
    fn sex_list(&self) -> Option<String> {
        let list = self.codebook.code_lists.get("sex")?;
        list.code("male").and(list.code("female")).map(|_| list.name.clone())
    }

    fn region(&self, expression: &Expression) -> Option<Node> {
        let value = self.value(expression)?;
        if value.ty == Type::Region {
            return Some(value);
        }
        self.wrong_operand(&value, expression, ["区划字段", "a region field"]);
        None
    }

    fn under(
        &self,
        region: &Expression,
        holder: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let region = self.region(region)?;
        if !matches!(holder.kind, ExpressionKind::Literal(_)) {
            return self.under_another(region, holder, expression);
        }
        let code = self.literal_text(holder)?;
        self.check_region(&code, super::span_of(&holder.span))?;
        let kind = Kind::Literal(crate::ir::Literal::Text(code));
        let args = vec![region, node(kind, Type::Region, holder)];
        Some(node(Kind::Call { function: Function::Under, args }, Type::Boolean, expression))
    }

    /// Within a region that is a value itself: the code begins with that one's.
    fn under_another(
        &self,
        region: Node,
        holder: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let text = |region: Node| Node { ty: Type::Text, ..region };
        let args = vec![text(region), text(self.region(holder)?)];
        Some(node(Kind::Call { function: Function::StartsWith, args }, Type::Boolean, expression))
    }

    fn region_at(
        &self,
        region: &Expression,
        level: &Expression,
        expression: &Expression,
    ) -> Option<Node> {
        let region = self.region(region)?;
        let word = self.literal_text(level)?;
        if !LEVELS.iter().any(|(known, _)| *known == word) {
            self.fault(
                RuleFault::BadConstant,
                &level.span,
                format!("没有级别`{word}`"),
                format!("no level `{word}`"),
            )
            .nearest(&word, LEVELS.iter().map(|(known, _)| *known));
            return None;
        }
        let kind = Kind::Literal(crate::ir::Literal::Text(word));
        let args = vec![region, node(kind, Type::Text, level)];
        Some(node(Kind::Call { function: Function::RegionAt, args }, Type::Region, expression))
    }
}
