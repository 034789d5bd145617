//! The tests that are linked into the program.

use hil_model::{Description, Marker, Mutation, NameError, Operation, Resource, TestMeta, TestName};

use crate::bench::Ctx;
use crate::error::TestResult;

/// The module whose tests are compiled but never collected: templates to copy from (HLP-06).
const TEMPLATES: &str = "templates";

/// A test as `#[hil::test]` registers it.
#[derive(Debug)]
pub struct TestDef {
    /// Its module's path, with the crate in front.
    pub module: &'static str,
    /// Its function's name.
    pub function: &'static str,
    /// The name of its case, where it is parametrised.
    pub case: Option<&'static str>,
    /// Its doc comment.
    pub doc: &'static str,
    /// The markers it carries.
    pub markers: &'static [&'static str],
    /// The session resources that each of its parameters needs.
    pub needs: &'static [&'static [Resource]],
    /// What it changes that may outlive it.
    pub mutates: &'static [Mutation],
    /// What it shows to work on the bench at hand.
    pub covers: &'static [Operation],
    /// Its time limit in milliseconds of bench time; the configuration's where it names none.
    pub timeout_ms: Option<u64>,
    /// How often a red attempt is repeated; the command line's where it names none.
    pub retries: Option<u32>,
    /// How often it may ask to be repeated; the configuration's number where it names none.
    pub repeats: Option<u32>,
    /// Whether no further test is begun once it is red.
    pub stop_on_fail: bool,
    /// Whether it takes down what its suite set up: it runs at the end, even if the run was stopped.
    pub teardown: bool,
    /// The file it stands in.
    pub file: &'static str,
    /// The line it stands at.
    pub line: u32,
    /// Its body.
    pub run: fn(&Ctx) -> TestResult,
}

impl TestDef {
    /// The crate that it belongs to.
    pub(crate) fn krate(&self) -> &'static str {
        self.module.split("::").next().unwrap_or(self.module)
    }
}

inventory::collect!(TestDef);

/// What runs before each test of a module, as `#[hil::baseline]` registers it (HLP-05).
#[derive(Debug)]
pub struct BaselineDef {
    /// The module's path, with the crate in front.
    pub module: &'static str,
    /// The function's name.
    pub function: &'static str,
    /// The session resources that each of its parameters needs.
    pub needs: &'static [&'static [Resource]],
    /// Its body.
    pub run: fn(&Ctx) -> TestResult,
}

inventory::collect!(BaselineDef);

/// A registered test whose texts cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A marker or a name is malformed.
    #[error("{file}:{line}: test `{function}`")]
    Name {
        /// The file it stands in.
        file: &'static str,
        /// The line it stands at.
        line: u32,
        /// Its function's name.
        function: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// Two tests have the same name.
    #[error("{file}:{line}: a test named `{name}` exists already")]
    Duplicate {
        /// The file the second one stands in.
        file: &'static str,
        /// The line it stands at.
        line: u32,
        /// The name.
        name: TestName,
    },
}

/// A test with what is known of it.
#[derive(Clone, Debug)]
pub struct RegisteredTest {
    /// What the registration says.
    pub def: &'static TestDef,
    /// What follows from it.
    pub meta: TestMeta,
    /// What runs before it, outermost module first.
    pub baselines: Vec<&'static BaselineDef>,
}

/// The tests that can be run, in order of their names.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    tests: Vec<RegisteredTest>,
}

impl Registry {
    /// The tests that are linked into the program, without templates.
    ///
    /// # Errors
    ///
    /// A malformed or duplicate name.
    pub fn linked() -> Result<Self, RegistryError> {
        Self::of(inventory::iter::<TestDef>(), &inventory::iter::<BaselineDef>().collect::<Vec<_>>())
    }

    /// The tests `defs`, without templates, with those of `baselines` that apply to them.
    ///
    /// # Errors
    ///
    /// A malformed or duplicate name.
    pub fn of(
        defs: impl IntoIterator<Item = &'static TestDef>,
        baselines: &[&'static BaselineDef],
    ) -> Result<Self, RegistryError> {
        let mut tests = defs
            .into_iter()
            .filter(|def| path(def.module).next() != Some(TEMPLATES))
            .map(|def| register(def, baselines))
            .collect::<Result<Vec<_>, _>>()?;
        tests.sort_by(|a, b| order(a).cmp(&order(b)));
        if let Some(pair) = tests.windows(2).find(|pair| pair[0].meta.name == pair[1].meta.name) {
            let RegisteredTest { def, meta, .. } = &pair[1];
            return Err(RegistryError::Duplicate { file: def.file, line: def.line, name: meta.name.clone() });
        }
        Ok(Self { tests })
    }

    /// The tests.
    pub fn tests(&self) -> &[RegisteredTest] {
        &self.tests
    }
}

/// Tests run by suite and module, and in a module as they stand in the source. Cases of a test stand
/// in the order of their names.
fn order(test: &RegisteredTest) -> (&str, &str, u32, &TestName) {
    (test.meta.name.suite(), &test.meta.class, test.meta.line, &test.meta.name)
}

/// The segments of a module's path without the crate's name.
fn path(module: &'static str) -> impl Iterator<Item = &'static str> {
    module.split("::").skip(1)
}

fn register(
    def: &'static TestDef,
    baselines: &[&'static BaselineDef],
) -> Result<RegisteredTest, RegistryError> {
    let named =
        |source| RegistryError::Name { file: def.file, line: def.line, function: def.function, source };
    let segments: Vec<&str> = path(def.module).chain([def.function]).chain(def.case).collect();
    let name: TestName = segments.join("::").parse().map_err(named)?;
    let markers: Vec<Marker> =
        def.markers.iter().map(|marker| marker.parse().map_err(named)).collect::<Result<_, _>>()?;
    let baselines: Vec<&BaselineDef> = {
        let mut applying: Vec<_> =
            baselines.iter().copied().filter(|baseline| is_within(def.module, baseline.module)).collect();
        applying.sort_by_key(|baseline| (baseline.module.len(), baseline.function));
        applying
    };
    let lists = def.needs.iter().chain(baselines.iter().flat_map(|baseline| baseline.needs));
    let mut needs: Vec<Resource> = lists.flat_map(|list| list.iter().copied()).collect();
    needs.sort_unstable();
    needs.dedup();
    // The attribute refuses a malformed comment at compile time.
    let mut description = Description::parse(def.doc).unwrap_or_default();
    if let Some(case) = def.case {
        // Cases share their comment; in a list they must be told apart.
        description.title = format!("{} ({})", description.title, case.replace('_', " "));
    }
    let meta = TestMeta {
        class: name.class(def.function),
        short: [def.function].into_iter().chain(def.case).collect::<Vec<_>>().join("::"),
        name,
        description,
        markers,
        needs,
        mutates: def.mutates.to_vec(),
        covers: def.covers.to_vec(),
        file: def.file.to_owned(),
        line: def.line,
        timeout_ms: def.timeout_ms.unwrap_or_default(),
    };
    Ok(RegisteredTest { def, meta, baselines })
}

/// Whether the module `inner` is `outer` or lies in it.
fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("suites::hardware::led", "suites::hardware", true)]
    #[case("suites::hardware", "suites::hardware", true)]
    #[case("suites::hardware2", "suites::hardware", false)]
    #[case("suites", "suites::hardware", false)]
    fn a_baseline_applies_within_its_module(#[case] inner: &str, #[case] outer: &str, #[case] within: bool) {
        assert_eq!(is_within(inner, outer), within);
    }

    fn passes(_: &Ctx) -> TestResult {
        Ok(())
    }

    const fn def(module: &'static str, function: &'static str, line: u32) -> TestDef {
        TestDef {
            module,
            function,
            case: None,
            doc: "Title: A test",
            markers: &["hardware"],
            needs: &[&[Resource::Psu], &[Resource::Lin, Resource::Psu]],
            mutates: &[],
            covers: &[],
            timeout_ms: None,
            retries: None,
            repeats: None,
            stop_on_fail: false,
            teardown: false,
            file: "tests/a.rs",
            line,
            run: passes,
        }
    }

    #[test]
    fn tests_stand_in_source_order_and_templates_are_left_out() {
        static DEFS: [TestDef; 4] = [
            def("suites::unit::a", "second", 9),
            def("suites::unit::a", "first", 5),
            def("suites::hardware", "zeroth", 7),
            def("suites::templates::lin_only", "copy_me", 1),
        ];
        let registry = Registry::of(&DEFS, &[]).unwrap();
        let names: Vec<&str> = registry.tests().iter().map(|test| test.meta.name.as_str()).collect();
        assert_eq!(names, ["hardware::zeroth", "unit::a::first", "unit::a::second"]);
        assert_eq!(registry.tests()[0].meta.needs, [Resource::Lin, Resource::Psu]);
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        static DEFS: [TestDef; 2] = [def("a::unit", "same", 1), def("b::unit", "same", 2)];
        let error = Registry::of(&DEFS, &[]).unwrap_err();
        assert_eq!(error.to_string(), "tests/a.rs:2: a test named `unit::same` exists already");
    }
}
