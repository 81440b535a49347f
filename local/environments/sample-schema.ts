/** The sample app's database: what a platform's app has, and the kinds of things a dump must carry. */
export const SAMPLE_SCHEMA = `
CREATE SEQUENCE order_number START 100000 INCREMENT 7;
CREATE SEQUENCE invoice_number START 500000 CACHE 10;
CREATE TYPE order_state AS ENUM ('open', 'paid', 'shipped', 'cancelled');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE "system$user" (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, "password_hash" text, active boolean NOT NULL DEFAULT true);
CREATE TABLE "system$filedocument" (
  id bigint PRIMARY KEY, "__uuid__" varchar(36), "hascontents" boolean, "submetaobjectname" varchar(255),
  "deleteafterdownload" boolean, name varchar(400), size bigint, changeddate timestamp);
CREATE INDEX ON "system$filedocument" ("__uuid__");
CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mail email, born date, credit numeric(14, 2), preferences jsonb);
CREATE TABLE address (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE, street text, city text, lines text[]);
CREATE TABLE category (id bigserial PRIMARY KEY, parent_id bigint REFERENCES category, name text NOT NULL);
CREATE TABLE supplier (id bigserial PRIMARY KEY, name text NOT NULL, rating real);
CREATE TABLE product (
  id bigserial PRIMARY KEY, category_id bigint NOT NULL REFERENCES category, supplier_id bigint REFERENCES supplier,
  name text NOT NULL, price numeric(12, 2) CHECK (price >= 0), picture uuid, description text, UNIQUE (name, supplier_id));
CREATE TABLE tag (id bigserial PRIMARY KEY, label text UNIQUE);
CREATE TABLE product_tag (product_id bigint REFERENCES product ON DELETE CASCADE, tag_id bigint REFERENCES tag, PRIMARY KEY (product_id, tag_id));
CREATE TABLE purchase (
  id bigint PRIMARY KEY DEFAULT nextval('order_number'), customer_id bigint NOT NULL REFERENCES customer,
  state order_state NOT NULL DEFAULT 'open', placed timestamptz NOT NULL, total double precision);
CREATE TABLE purchase_line (purchase_id bigint REFERENCES purchase ON DELETE CASCADE, line int, product_id bigint REFERENCES product, quantity int, PRIMARY KEY (purchase_id, line));
CREATE TABLE invoice (id bigint PRIMARY KEY DEFAULT nextval('invoice_number'), purchase_id bigint UNIQUE REFERENCES purchase, due date, amount numeric(14, 2), valid tstzrange);
CREATE TABLE payment (id bigserial PRIMARY KEY, invoice_id bigint NOT NULL REFERENCES invoice DEFERRABLE INITIALLY DEFERRED, amount numeric(14, 2), paid timestamptz);
CREATE TABLE contract (id bigserial PRIMARY KEY, customer_id bigint REFERENCES customer, body text NOT NULL);
CREATE TABLE scan (id bigserial PRIMARY KEY, contract_id bigint REFERENCES contract, image bytea NOT NULL);
CREATE TABLE attachment (id bigserial PRIMARY KEY, contract_id bigint REFERENCES contract, content oid NOT NULL);
CREATE TABLE audit_log (id bigserial, at timestamptz NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE audit_log_old PARTITION OF audit_log FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE audit_log_new PARTITION OF audit_log FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE VIEW open_purchase AS SELECT p.id, c.name, p.total FROM purchase p JOIN customer c ON c.id = p.customer_id WHERE p.state = 'open';
CREATE FUNCTION note_payment() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN UPDATE purchase SET state = 'paid' FROM invoice i WHERE i.id = NEW.invoice_id AND purchase.id = i.purchase_id; RETURN NEW; END $$;
CREATE TRIGGER payment_notes AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION note_payment();
CREATE INDEX customer_city ON address (city) WHERE city IS NOT NULL;
CREATE INDEX product_words ON product USING gin (to_tsvector('simple', coalesce(description, '')));
ALTER TABLE contract ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_contracts ON contract TO sample_reader USING (id > 0);
`;

/** Rows: `:seed` makes two environments differ, `:scale` is how many customers there are. */
export const sampleRows = (seed: string, scale: number): readonly string[] => {
  const text = `md5('${seed}' || i)`;
  return [
    `INSERT INTO "system$user" SELECT i, 'user-' || i, ${text}, i % 9 <> 0 FROM generate_series(1, 40) i`,
    `INSERT INTO customer (name, mail, born, credit, preferences)
      SELECT 'Käufer ' || ${text}, left(${text}, 8) || '@example.com', date '1950-01-01' + i % 20000, (i * 37 % 100000) / 100.0,
        jsonb_build_object('language', 'de', 'seed', ${text}, 'list', jsonb_build_array(i, null, 'ß')) FROM generate_series(1, ${scale}) i`,
    `INSERT INTO address (customer_id, street, city, lines) SELECT 1 + i % ${scale}, ${text}, CASE WHEN i % 5 > 0 THEN left(${text}, 6) END,
        ARRAY[${text}, NULL, E'tab\\tline\\n"quote"'] FROM generate_series(1, ${scale * 2}) i`,
    `INSERT INTO category (parent_id, name) SELECT nullif(i / 4, 0), 'category ' || i FROM generate_series(1, 60) i`,
    `INSERT INTO supplier (name, rating) SELECT ${text}, (i % 50) / 7.0 FROM generate_series(1, 80) i`,
    `INSERT INTO product (category_id, supplier_id, name, price, picture, description)
      SELECT 1 + i % 60, 1 + i % 80, 'product ' || i, (i % 9999) / 100.0, ${text}::uuid, repeat(${text} || ' ', i % 12) FROM generate_series(1, 1500) i`,
    `INSERT INTO tag (label) SELECT ${text} FROM generate_series(1, 50) i`,
    `INSERT INTO product_tag SELECT 1 + i % 1500, 1 + i % 50 FROM generate_series(1, 4000) i ON CONFLICT DO NOTHING`,
    `INSERT INTO purchase (customer_id, state, placed, total)
      SELECT 1 + i % ${scale}, (enum_range(NULL::order_state))[1 + i % 4], timestamptz '2026-01-01 00:00Z' + i * interval '7 min', i / 3.0
      FROM generate_series(1, ${scale * 3}) i`,
    `INSERT INTO purchase_line SELECT p.id, l, 1 + (p.id + l) % 1500, l * 2 FROM purchase p, generate_series(1, 3) l`,
    `INSERT INTO invoice (purchase_id, due, amount, valid)
      SELECT id, date '2026-02-01', total::numeric(14, 2), tstzrange(placed, placed + interval '30 days') FROM purchase WHERE id % 3 = 0`,
    `INSERT INTO payment (invoice_id, amount, paid) SELECT id, amount, now() - interval '1 day' FROM invoice WHERE id % 2 = 0`,
    // Large values: text of 3 MB that shrinks, bytes of 2 MB that don't.
    `INSERT INTO contract (customer_id, body) SELECT i, repeat(${text} || E' Zeile\\n', CASE WHEN i = 1 THEN 75000 ELSE i * 20 END) FROM generate_series(1, 30) i`,
    `INSERT INTO scan (contract_id, image) SELECT i, (SELECT string_agg(decode(md5('${seed}' || i || j), 'hex'), '') FROM generate_series(1, CASE WHEN i = 1 THEN 131072 ELSE 200 END) j)
      FROM generate_series(1, 12) i`,
    `INSERT INTO attachment (contract_id, content) SELECT i, lo_from_bytea(0, (SELECT string_agg(decode(md5('lo ${seed}' || i || j), 'hex'), '') FROM generate_series(1, i * 4000) j))
      FROM generate_series(1, 8) i`,
    `INSERT INTO audit_log (at, what) SELECT timestamptz '2025-06-01 00:00Z' + i * interval '1 hour', ${text} FROM generate_series(1, ${scale * 4}) i`,
  ];
};
