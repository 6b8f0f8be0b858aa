-- Names compare and are found by their composed form: files of some systems write й and ё as two characters.
CREATE OR REPLACE FUNCTION person_search_form(name text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT btrim(regexp_replace(translate(lower(normalize(name, NFC)),
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁё', 'абвгдежзийклмнопрстуфхцчшщъыьэюяее'),
    '[-‐‑–— \u00a0]+', ' ', 'g'))
$$;

-- Generated columns keep what the function gave before until their rows are written.
SELECT set_config('rsnms.scopes', '*', true);
UPDATE person SET family_name = family_name
 WHERE family_name IS NOT NFC NORMALIZED OR given_name IS NOT NFC NORMALIZED OR patronymic IS NOT NFC NORMALIZED;
SELECT set_config('rsnms.scopes', '', true);

-- Employments that stood on both cards of a merge: [{"employment": …, "kept": …}].
ALTER TABLE person_merge ADD COLUMN folded_employments jsonb NOT NULL DEFAULT '[]';
