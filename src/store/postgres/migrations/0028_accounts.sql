-- A whole account is erased with everything that names the person.
CREATE INDEX pairwise_subjects_of ON pairwise_subjects (subject_id);
CREATE INDEX invitations_of ON invitations (principal_id);
