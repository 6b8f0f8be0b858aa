DROP TABLE person_merge, career_evidence, self_education_theme, corporate_training, qualification, consent;
DROP POLICY scope ON person;
CREATE POLICY scope ON person USING (
  scope_allows(region_code, NULL, NULL, id::text)
  OR EXISTS (
    SELECT FROM employment e
    WHERE e.region_code = person.region_code AND e.person_id = person.id AND e.delete_time IS NULL
  )
);
DROP INDEX person_phone, person_email, person_birth_date;
ALTER TABLE person
  DROP COLUMN search_other, DROP COLUMN search_second, DROP COLUMN search_patronymic, DROP COLUMN search_given,
  DROP COLUMN search_family, DROP COLUMN merged_into_id;
DROP FUNCTION person_search_form(text);
