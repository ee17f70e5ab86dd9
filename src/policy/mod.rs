//! Which class of third party may ask for what, with which assurance: Cedar rules under `policies/`, and the decision with the name of its rule.
