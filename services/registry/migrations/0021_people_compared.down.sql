ALTER TABLE person_merge DROP COLUMN folded_employments;

CREATE OR REPLACE FUNCTION person_search_form(name text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(translate(lower(name),
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁё', 'абвгдежзийклмнопрстуфхцчшщъыьэюяее'),
    '[-‐‑–— \u00a0]+', ' ', 'g'))
$$;
SELECT set_config('rsnms.scopes', '*', true);
UPDATE person SET family_name = family_name
 WHERE family_name IS NOT NFC NORMALIZED OR given_name IS NOT NFC NORMALIZED OR patronymic IS NOT NFC NORMALIZED;
SELECT set_config('rsnms.scopes', '', true);
