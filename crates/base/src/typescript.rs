//! How TypeScript sees a Rust type. The derive macro states the members of a struct; `index.d.ts` and the sentences that
//! refuse a wrong argument are made from them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

/// A type with a TypeScript side. Derived for structs and for enums without data.
///
/// ```
/// use base::TypeScript;
///
/// #[derive(TypeScript)]
/// #[serde(rename_all = "camelCase")]
/// #[ts(inline, input)]
/// struct Mute {
///     group_name: String,
///     seconds: Option<u32>,
/// }
///
/// assert_eq!(Mute::expression(), "{ groupName: string, seconds?: number }");
/// ```
pub trait TypeScript {
    /// The type as it is written where it is used.
    fn expression() -> String;

    /// The type of a member that is there, without `null`.
    fn present() -> String {
        Self::expression()
    }

    /// The members of a struct.
    fn members() -> Vec<Member> {
        Vec::new()
    }

    /// Adds the interfaces that the type needs.
    fn collect(_interfaces: &mut Interfaces) {}
}

/// One member of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub name: &'static str,
    pub docs: &'static str,
    pub kind: String,
    pub optional: bool,
}

impl Member {
    fn declaration(&self) -> String {
        let Self { name, kind, optional, .. } = self;
        format!("{name}{}: {kind}", if *optional { "?" } else { "" })
    }
}

/// The members as one line: `{ a: string, b?: number }`.
pub fn inline(members: &[Member]) -> String {
    let members: Vec<_> = members.iter().map(Member::declaration).collect();
    format!("{{ {} }}", members.join(", "))
}

/// A doc comment, indented.
pub fn doc_comment(docs: &str, indent: &str) -> String {
    if docs.is_empty() {
        return String::new();
    }
    if !docs.contains('\n') {
        return format!("{indent}/** {docs} */\n");
    }
    let lines: String = docs.lines().map(|line| format!("{}\n", format!("{indent} * {line}").trim_end())).collect();
    format!("{indent}/**\n{lines}{indent} */\n")
}

/// The interfaces of `index.d.ts`, by name.
#[derive(Debug, Default)]
pub struct Interfaces(BTreeMap<&'static str, Interface>);

#[derive(Debug)]
struct Interface {
    docs: &'static str,
    members: Vec<Member>,
}

impl Interfaces {
    /// Adds a struct; false where it is known already.
    pub fn enter<T: TypeScript>(&mut self, name: &'static str, docs: &'static str) -> bool {
        if self.0.contains_key(name) {
            return false;
        }
        self.0.insert(name, Interface { docs, members: T::members() });
        true
    }

    /// All of them as declarations.
    pub fn declarations(&self) -> String {
        let mut text = String::new();
        for (name, Interface { docs, members }) in &self.0 {
            let _ = writeln!(text, "{}export interface {name} {{", doc_comment(docs, ""));
            for member in members {
                let _ = writeln!(text, "{}  {}", doc_comment(member.docs, "  "), member.declaration());
            }
            text.push_str("}\n\n");
        }
        text
    }
}

macro_rules! expressions {
    ($($expression:literal: $($type:ty)*;)*) => {$($(
        impl TypeScript for $type {
            fn expression() -> String {
                $expression.to_owned()
            }
        }
    )*)*};
}

expressions! {
    "string": String str;
    "number": i32 i64 u32 u64 usize f64;
    "boolean": bool;
    "void": ();
    "unknown": serde_json::Value serde_json::Map<String, serde_json::Value>;
}

macro_rules! transparent {
    ($([$($generics:tt)*] $type:ty = $inner:ident;)*) => {$(
        impl<$($generics)*> TypeScript for $type {
            fn expression() -> String {
                $inner::expression()
            }

            fn members() -> Vec<Member> {
                $inner::members()
            }

            fn collect(interfaces: &mut Interfaces) {
                $inner::collect(interfaces);
            }
        }
    )*};
}

transparent! {
    [T: TypeScript + ?Sized] &T = T;
    [T: TypeScript + ?Sized] Box<T> = T;
    [T: TypeScript + ?Sized] Arc<T> = T;
    [T: TypeScript + ?Sized] Rc<T> = T;
    [T: TypeScript] crate::Redacted<T> = T;
}

impl<T: TypeScript> TypeScript for Option<T> {
    fn expression() -> String {
        format!("{} | null", T::expression())
    }

    fn present() -> String {
        T::expression()
    }

    fn collect(interfaces: &mut Interfaces) {
        T::collect(interfaces);
    }
}

impl<T: TypeScript> TypeScript for [T] {
    fn expression() -> String {
        let item = T::expression();
        if item.chars().all(char::is_alphanumeric) { format!("{item}[]") } else { format!("Array<{item}>") }
    }

    fn collect(interfaces: &mut Interfaces) {
        T::collect(interfaces);
    }
}

impl<T: TypeScript> TypeScript for Vec<T> {
    fn expression() -> String {
        <[T]>::expression()
    }

    fn collect(interfaces: &mut Interfaces) {
        T::collect(interfaces);
    }
}

#[cfg(test)]
mod tests {
    use super::Interfaces;
    use crate::TypeScript;

    /// A group.
    /// Strings were written by strangers.
    #[derive(TypeScript)]
    #[serde(rename_all = "camelCase", default)]
    #[ts(name = "GroupItem")]
    #[expect(dead_code, reason = "only its type is looked at")]
    struct Group {
        #[serde(rename = "groupID")]
        group_id: String,
        /// Unix milliseconds.
        create_time: i64,
        owner: Option<Owner>,
        #[serde(skip)]
        hidden: bool,
    }

    #[derive(TypeScript)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its type is looked at")]
    enum Mode {
        Batch,
        ByHand,
    }

    #[derive(TypeScript)]
    #[expect(dead_code, reason = "only its type is looked at")]
    struct Owner {
        mode: Mode,
    }

    #[derive(TypeScript)]
    #[ts(inline, input)]
    #[expect(dead_code, reason = "only its type is looked at")]
    struct Change {
        ids: Vec<String>,
        #[serde(default)]
        note: String,
        owner: Option<Owner>,
        #[serde(flatten)]
        group: Group,
        #[ts(type = "Partial<GroupItem>", optional)]
        info: (),
    }

    #[test]
    fn a_struct_becomes_an_interface_with_the_names_of_serde() {
        let mut interfaces = Interfaces::default();
        Group::collect(&mut interfaces);
        let expected = "\
/**
 * A group.
 * Strings were written by strangers.
 */
export interface GroupItem {
  groupID: string
  /** Unix milliseconds. */
  createTime: number
  owner: Owner | null
}

export interface Owner {
  mode: 'batch' | 'byHand'
}

";
        assert_eq!(interfaces.declarations(), expected);
    }

    #[test]
    fn members_of_an_input_that_have_a_default_may_be_left_out() {
        let expected = "{ ids: string[], note?: string, owner?: Owner, groupID: string, createTime: number, \
                        owner: Owner | null, info?: Partial<GroupItem> }";
        assert_eq!(Change::expression(), expected);
    }

    #[test]
    fn lists_of_unions_are_written_with_brackets() {
        assert_eq!(<Vec<Option<i64>>>::expression(), "Array<number | null>");
    }
}
