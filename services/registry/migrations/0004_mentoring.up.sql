-- Mentoring. What the acts fix about models and formats is data, the same in every region; the application reads it.
CREATE TABLE mentoring_model (
  code text PRIMARY KEY,
  position int NOT NULL UNIQUE,
  title text NOT NULL,
  description text NOT NULL,
  mentors_min int NOT NULL,
  mentors_max int CHECK (mentors_max >= mentors_min),
  mentees_min int NOT NULL,
  mentees_max int CHECK (mentees_max >= mentees_min),
  rhythm text NOT NULL,
  pairing text NOT NULL,
  end_date_needed boolean NOT NULL,
  goals_needed boolean NOT NULL,
  schedule_needed boolean NOT NULL,
  clause text NOT NULL
);
-- «2–4–6» of the group model reads as a range or as three sizes; the range is the wider reading.
INSERT INTO mentoring_model VALUES
  ('TRADITIONAL', 1, 'Традиционная модель наставничества (или наставничество «один на один»)',
   'Взаимодействие более опытного и начинающего работника в течение определённого периода времени.',
   1, 1, 1, 1, 'OVER_A_PERIOD', 'ASSIGNED', true, false, false, 'Дагестан, целевая модель, L2634'),
  ('SITUATIONAL', 2, 'Ситуационное наставничество',
   'Помощь наставника всякий раз, когда наставляемый нуждается в указаниях и рекомендациях.',
   1, 1, 1, NULL, 'ON_REQUEST', 'ASSIGNED', false, false, false, 'Дагестан, целевая модель, L2635'),
  ('PARTNER', 3, 'Партнерское наставничество', 'Наставник и наставляемый занимают сходное положение.',
   1, 1, 1, 1, 'NOT_STATED', 'PEER', false, false, false, 'Дагестан, целевая модель, L2636'),
  ('GROUP', 4, 'Групповое наставничество',
   'Один наставник ведёт группу наставляемых, когда наставников не хватает.',
   1, 1, 2, 6, 'NOT_STATED', 'ASSIGNED', false, false, false, 'Дагестан, целевая модель, L2637'),
  ('SHORT_TERM_GOAL', 5, 'Краткосрочное или целеполагающее наставничество',
   'Встречи по заранее установленному графику с целями на краткосрочные результаты.',
   1, 1, 1, 1, 'FIXED_SCHEDULE', 'ASSIGNED', true, true, true, 'Дагестан, целевая модель, L2638'),
  ('SPEED', 6, 'Скоростное наставничество',
   'Однократные встречи с наставником более высокого уровня для решения общих проблем.',
   1, 1, 1, NULL, 'ONE_TIME', 'EVENT', false, false, false, 'Дагестан, целевая модель, L2639'),
  ('VIRTUAL', 7, 'Виртуальное наставничество',
   'Советы и рекомендации с помощью видеосвязи, дистанционных платформ и сетевых сообществ.',
   1, NULL, 1, NULL, 'NOT_STATED', 'ANY', false, false, false, 'Дагестан, целевая модель, L2640'),
  ('SELF_REGULATED', 8, 'Саморегулируемое наставничество',
   'Опытные работники сами выдвигают себя в список наставников.',
   1, NULL, 1, NULL, 'NOT_STATED', 'SELF_NOMINATION', false, false, false, 'Дагестан, целевая модель, L2641'),
  ('REVERSE', 9, 'Реверсивное наставничество',
   'Старший по возрасту, опыту или должности учится у младшего новым тенденциям и технологиям.',
   1, 1, 1, 1, 'NOT_STATED', 'ASSIGNED', false, false, false, 'Дагестан, целевая модель, L2642');

CREATE TABLE mentoring_format (
  code text PRIMARY KEY,
  position int NOT NULL UNIQUE,
  title text NOT NULL,
  audiences text[] NOT NULL,
  clause text NOT NULL
);
INSERT INTO mentoring_format VALUES
  ('YOUNG_SPECIALIST', 1, 'Опытный педагог – молодой специалист (освоение основ мастерства)',
   '{GENERAL_SCHOOL,ADDITIONAL_EDUCATION}', 'Дагестан, целевая модель, L2673'),
  ('CLASS_TEACHER', 2, 'Опытный классный руководитель – начинающий классный руководитель',
   '{GENERAL_SCHOOL}', 'Дагестан, целевая модель, L2674'),
  ('INNOVATOR', 3, 'Педагог-исследователь, новатор – педагог, готовый к освоению новаций',
   '{GENERAL_SCHOOL,ADDITIONAL_EDUCATION}', 'Дагестан, целевая модель, L2675'),
  ('HEAD', 4, 'Опытный руководитель – начинающий руководитель',
   '{GENERAL_SCHOOL,ADDITIONAL_EDUCATION}', 'Дагестан, целевая модель, L2676'),
  ('NEWCOMER', 5, 'Педагог-лидер – вновь принятый в коллектив педагог',
   '{GENERAL_SCHOOL,ADDITIONAL_EDUCATION}', 'Дагестан, целевая модель, L2677');

DO $$
DECLARE app text := current_schema() || '_app';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
    EXECUTE format('REVOKE ALL ON mentoring_model, mentoring_format FROM %I', app);
    EXECUTE format('GRANT SELECT ON mentoring_model, mentoring_format TO %I', app);
  END IF;
END
$$;

CREATE TABLE mentorship (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  model text NOT NULL REFERENCES mentoring_model (code),
  format text NOT NULL,
  basis text NOT NULL,
  organisation_id uuid NOT NULL,
  municipality_id text,
  mentors_ids text[] NOT NULL,
  mentees_ids text[] NOT NULL,
  deficits text[] NOT NULL,
  direction text NOT NULL,
  goals text[] NOT NULL,
  programme text NOT NULL,
  schedule text NOT NULL,
  start_date date NOT NULL,
  end_date date,
  state text NOT NULL,
  passed_steps text[] NOT NULL,
  skipped_steps text[] NOT NULL,
  mentor_training text NOT NULL,
  order_document text NOT NULL,
  publication_url text NOT NULL,
  interim_review_date date,
  interim_findings text NOT NULL,
  result text NOT NULL,
  result_text text NOT NULL,
  incentives text[] NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (end_date >= start_date),
  CONSTRAINT mentorship_not_self CHECK (NOT mentors_ids && mentees_ids)
);
CREATE INDEX mentorship_model ON mentorship (region_code, model, id);
CREATE INDEX mentorship_organisation ON mentorship (region_code, organisation_id, id);
CREATE INDEX mentorship_municipality ON mentorship (region_code, municipality_id, id);
CREATE INDEX mentorship_start ON mentorship (region_code, start_date, id);
CREATE INDEX mentorship_end ON mentorship (region_code, end_date, id);
CREATE INDEX mentorship_state ON mentorship (region_code, state, id);

-- Derived from mentorship by its trigger: who takes part, and which two people are together when.
CREATE TABLE mentorship_participant (
  region_code text NOT NULL,
  mentorship_id uuid NOT NULL,
  person_id uuid NOT NULL,
  PRIMARY KEY (region_code, mentorship_id, person_id),
  FOREIGN KEY (region_code, mentorship_id) REFERENCES mentorship (region_code, id) ON DELETE CASCADE,
  FOREIGN KEY (region_code, person_id) REFERENCES person (region_code, id)
);
CREATE INDEX mentorship_participant_person ON mentorship_participant (region_code, person_id, mentorship_id);

CREATE TABLE mentorship_pair (
  region_code text NOT NULL,
  mentorship_id uuid NOT NULL,
  lesser_id uuid NOT NULL,
  greater_id uuid NOT NULL CHECK (greater_id > lesser_id),
  start_date date NOT NULL,
  end_date date,
  PRIMARY KEY (region_code, mentorship_id, lesser_id, greater_id),
  FOREIGN KEY (region_code, mentorship_id) REFERENCES mentorship (region_code, id) ON DELETE CASCADE,
  -- The same two people are together at most once on any date, whoever of them is the mentor.
  CONSTRAINT mentorship_one_pair EXCLUDE USING gist (
    lesser_id WITH =, greater_id WITH =, (region_code::int) WITH =, daterange(start_date, end_date, '[]') WITH &&
  )
);

-- True when the person is employed on each day of the period.
CREATE FUNCTION employed_throughout(region text, person uuid, first date, last date) RETURNS boolean
  LANGUAGE sql STABLE AS $$
  SELECT coalesce(daterange(first, last, '[]') <@ range_agg(daterange(e.start_date, e.end_date, '[]')), false)
    FROM employment e
   WHERE e.region_code = region AND e.person_id = person AND e.delete_time IS NULL
$$;

-- States in which the participants prepare, and those in which the pair or group has been formed.
CREATE FUNCTION mentorship_prepares(state text) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS $$ SELECT state IN ('PREPARED', 'MENTEES_BASED', 'MENTORS_BASED', 'TRAINED') $$;
CREATE FUNCTION mentorship_is_formed(state text, passed_steps text[]) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN state = 'DISSOLVED' THEN 'WORKING' = ANY (passed_steps) ELSE NOT mentorship_prepares(state) END
$$;
-- States the employments of the participants must carry; what is over is history.
CREATE FUNCTION mentorship_is_alive(state text) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS $$
  SELECT state NOT IN ('FINISHED', 'INCENTIVISED', 'LONG_TERM_BASE', 'DISSOLVED')
$$;

-- Keeps the rules no single row shows, whoever writes; looks past the writer's scope. Employments are held until the
-- transaction ends, so that they are not shortened meanwhile.
CREATE FUNCTION mentorship_keep_rules() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  IF EXISTS (
    SELECT FROM written w JOIN mentoring_model m ON m.code = w.model
     WHERE w.delete_time IS NULL
       AND (cardinality(w.mentors_ids) > m.mentors_max OR cardinality(w.mentees_ids) > m.mentees_max
            OR NOT mentorship_prepares(w.state) AND w.state <> 'DISSOLVED'
               AND (cardinality(w.mentors_ids) < m.mentors_min OR cardinality(w.mentees_ids) < m.mentees_min))
  ) THEN
    RAISE EXCEPTION 'the numbers of a mentorship do not fit its model'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'mentorship_group_size';
  END IF;

  DELETE FROM mentorship_participant p USING written w
   WHERE p.region_code = w.region_code AND p.mentorship_id = w.id;
  INSERT INTO mentorship_participant
  SELECT w.region_code, w.id, who::uuid FROM written w, unnest(w.mentors_ids || w.mentees_ids) AS who;

  DELETE FROM mentorship_pair p USING written w WHERE p.region_code = w.region_code AND p.mentorship_id = w.id;
  INSERT INTO mentorship_pair
  SELECT w.region_code, w.id, least(a::uuid, b::uuid), greatest(a::uuid, b::uuid), w.start_date, w.end_date
    FROM written w, unnest(w.mentors_ids) AS a, unnest(w.mentees_ids) AS b
   WHERE w.delete_time IS NULL AND mentorship_is_formed(w.state, w.passed_steps)
   ORDER BY 3, 4;

  PERFORM FROM employment e
    WHERE e.delete_time IS NULL AND (e.region_code, e.person_id) IN (
      SELECT w.region_code, who::uuid FROM written w, unnest(w.mentors_ids || w.mentees_ids) AS who
       WHERE w.delete_time IS NULL AND mentorship_is_alive(w.state))
    ORDER BY e.region_code, e.id
      FOR SHARE;
  IF EXISTS (
    SELECT FROM written w, unnest(w.mentors_ids || w.mentees_ids) AS who
     WHERE w.delete_time IS NULL AND (mentorship_is_alive(w.state) OR w.state = 'FINISHED')
       AND NOT employed_throughout(w.region_code, who::uuid, w.start_date, w.end_date)
  ) THEN
    RAISE EXCEPTION 'a participant of a mentorship is not employed on each of its days'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'mentorship_inside_employments';
  END IF;
  PERFORM set_config('rsnms.scopes', scopes, true);
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_rules_inserted AFTER INSERT ON mentorship
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mentorship_keep_rules();
CREATE TRIGGER keep_rules_updated AFTER UPDATE ON mentorship
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION mentorship_keep_rules();

-- An employment that mentorships rely on is not shortened. Asked at COMMIT, so that one transaction may end both.
CREATE FUNCTION employment_keep_mentorships() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  IF EXISTS (
    SELECT FROM mentorship_participant p
      JOIN mentorship m ON m.region_code = p.region_code AND m.id = p.mentorship_id
     WHERE p.region_code = OLD.region_code AND p.person_id = OLD.person_id
       AND m.delete_time IS NULL AND mentorship_is_alive(m.state)
       AND NOT employed_throughout(p.region_code, p.person_id, m.start_date, m.end_date)
  ) THEN
    RAISE EXCEPTION 'a mentorship relies on the employment'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'employment_holds_mentorship';
  END IF;
  PERFORM set_config('rsnms.scopes', scopes, true);
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER keep_mentorships AFTER UPDATE ON employment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD.person_id, OLD.start_date, OLD.end_date, OLD.delete_time)
        IS DISTINCT FROM (NEW.person_id, NEW.start_date, NEW.end_date, NEW.delete_time))
  EXECUTE FUNCTION employment_keep_mentorships();

-- The same findings beforehand, so that callers get a reason: a participant is not employed throughout; two of them have
-- another pair on these days. Looks past the caller's scope and answers two booleans.
CREATE FUNCTION mentorship_findings(region text, mentorship uuid, mentors text[], mentees text[], first date, last date,
                                    OUT unemployed boolean, OUT overlapping boolean)
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  unemployed := EXISTS (
    SELECT FROM unnest(mentors || mentees) AS who WHERE NOT employed_throughout(region, who::uuid, first, last)
  );
  overlapping := EXISTS (
    SELECT FROM unnest(mentors) AS a, unnest(mentees) AS b, mentorship_pair p
     WHERE p.lesser_id = least(a::uuid, b::uuid) AND p.greater_id = greatest(a::uuid, b::uuid)
       AND p.region_code = region AND p.mentorship_id <> mentorship
       AND daterange(p.start_date, p.end_date, '[]') && daterange(first, last, '[]')
  );
  PERFORM set_config('rsnms.scopes', scopes, true);
END
$$;

-- True when a living mentorship of the person would not be carried if this employment had these dates.
CREATE FUNCTION employment_is_held(region text, employment uuid, person uuid, first date, last date) RETURNS boolean
  LANGUAGE plpgsql AS $$
DECLARE
  scopes text := coalesce(current_setting('rsnms.scopes', true), '');
  held boolean;
BEGIN
  PERFORM set_config('rsnms.scopes', '*', true);
  held := EXISTS (
    SELECT FROM mentorship_participant p
      JOIN mentorship m ON m.region_code = p.region_code AND m.id = p.mentorship_id
     WHERE p.region_code = region AND p.person_id = person
       AND m.delete_time IS NULL AND mentorship_is_alive(m.state)
       AND NOT daterange(m.start_date, m.end_date, '[]') <@ (
         SELECT range_agg(period) FROM (
           SELECT daterange(first, last, '[]') AS period
           UNION ALL
           SELECT daterange(e.start_date, e.end_date, '[]') FROM employment e
            WHERE e.region_code = region AND e.person_id = person AND e.id <> employment AND e.delete_time IS NULL
         ) AS others)
  );
  PERFORM set_config('rsnms.scopes', scopes, true);
  RETURN held;
END
$$;

CREATE TABLE mentor_school (
  region_code text NOT NULL REFERENCES region (region_code),
  id uuid NOT NULL,
  version bigint NOT NULL,
  create_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  delete_time timestamptz,
  organisation_id uuid NOT NULL,
  municipality_id text,
  directions text[] NOT NULL,
  state text NOT NULL,
  admit_date date CHECK (admit_date IS NOT NULL OR state NOT IN ('ADMITTED', 'LEFT')),
  leave_date date,
  order_document text NOT NULL,
  PRIMARY KEY (region_code, id),
  FOREIGN KEY (region_code, organisation_id) REFERENCES organisation (region_code, id),
  FOREIGN KEY (region_code, municipality_id) REFERENCES municipality (region_code, id),
  CHECK (leave_date >= admit_date),
  -- One membership of a body on any date.
  CONSTRAINT mentor_school_one_membership EXCLUDE USING gist (
    organisation_id WITH =, (region_code::int) WITH =, daterange(admit_date, leave_date, '[]') WITH &&
  ) WHERE (state IN ('ADMITTED', 'LEFT') AND delete_time IS NULL)
);
CREATE INDEX mentor_school_organisation ON mentor_school (region_code, organisation_id, id);
CREATE INDEX mentor_school_municipality ON mentor_school (region_code, municipality_id, id);
CREATE INDEX mentor_school_state ON mentor_school (region_code, state, id);

-- A mentorship is seen by the body that runs it and by those who see one of its participants.
ALTER TABLE mentorship_participant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON mentorship_participant USING (
  scope_allows(region_code, NULL, NULL, person_id::text)
  OR EXISTS (
    SELECT FROM person p
    WHERE p.region_code = mentorship_participant.region_code AND p.id = mentorship_participant.person_id
  )
);
ALTER TABLE mentorship_pair ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON mentorship_pair USING (scope_allows(region_code, NULL, NULL, NULL));
ALTER TABLE mentorship ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON mentorship USING (
  scope_allows(region_code, municipality_id, organisation_id::text, NULL)
  OR EXISTS (
    SELECT FROM mentorship_participant p
    WHERE p.region_code = mentorship.region_code AND p.mentorship_id = mentorship.id
  )
);
ALTER TABLE mentor_school ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON mentor_school
  USING (scope_allows(region_code, municipality_id, organisation_id::text, NULL));
