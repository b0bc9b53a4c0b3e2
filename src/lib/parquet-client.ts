/** The type of a column in a Parquet file, by DuckDB's name. */
export type ParquetColumn = { name: string; type: 'VARCHAR' | 'TIMESTAMPTZ' | 'BIGINT' | 'BOOLEAN' };

/** DuckDB takes 80 % of the machine by itself, which a Pi shares with the bot and its database. */
const MEMORY_LIMIT = '128MB';
/** DuckDB would take sixteen times the longest line as its buffer. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/**
 * Turns a CSV file with a header into a Parquet file (zstd), column by column as given; empty cells without quotes are
 * null. Streams; rows keep their order. DuckDB is imported when this is first called: nothing else in the bot pays for it.
 * Throws when the disk is full or a cell does not fit its type; a half-written file is the caller's to remove.
 */
export async function csvToParquet(from: string, to: string, columns: readonly ParquetColumn[]): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: MEMORY_LIMIT, threads: '1' });
  const connection = await instance.connect();
  try {
    const types = columns.map(({ name, type }) => `${quoted(name)}: ${quoted(type)}`).join(', ');
    await connection.run('set preserve_insertion_order = true');
    await connection.run(
      `copy (select * from read_csv(${quoted(from)}, header = true, columns = {${types}}, delim = ',', quote = '"',
                                    escape = '"', nullstr = '', allow_quoted_nulls = false, max_line_size = ${MAX_LINE_BYTES}, buffer_size = ${2 * MAX_LINE_BYTES}))
       to ${quoted(to)} (format parquet, compression zstd, use_tmp_file false)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
