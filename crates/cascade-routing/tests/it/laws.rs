//! Laws of routing, on arbitrary queries.

use cascade_core::query::QueryAnalysis;
use cascade_core::{Complexity, Route, StepGate};
use cascade_routing::{ComplexityRouter, DomainDetector, RouterConfig};
use proptest::prelude::*;

use crate::support::Case;

proptest! {
    #[test]
    fn a_plan_is_well_formed_and_repeatable(
        query in "\\PC{0,80}",
        level in prop::sample::select(Complexity::ALL.to_vec()),
        models in 1_usize..=3,
        turns in 0_usize..3,
        force in any::<bool>(),
        domains in any::<bool>(),
    ) {
        let config = RouterConfig { domain_detection: domains, ..RouterConfig::default() };
        let router = ComplexityRouter::new(config).unwrap();
        let mut case = Case::new(&query);
        case.complexity = Some(level);
        case.models.truncate(models);
        case.turns = turns;
        case.options.force_direct = force;
        let plan = case.route(&router).unwrap().unwrap();
        prop_assert!(plan.steps.iter().flat_map(|step| &step.models).all(|place| *place < models));
        prop_assert_eq!(&plan.steps.last().unwrap().gate, &StepGate::Open);
        prop_assert_eq!(plan.steps.len(), if plan.route == Route::Cascade { 2 } else { 1 });
        prop_assert!(!(force || models == 1) || plan.route == Route::Direct);
        prop_assert_eq!(plan.domain.is_some(), domains);
        prop_assert_eq!(case.route(&router).unwrap().unwrap(), plan);
    }

    #[test]
    fn domain_confidence_is_a_share(query in "[a-z0-9 .?]{0,200}") {
        let (_, confidence) = DomainDetector::default().detect(&QueryAnalysis::new(query));
        prop_assert!((0.0..=1.0).contains(&confidence));
    }
}
